//! What the machines keep together, bound together.

use crate::declare::{ActDecl, Declared, MarkerDecl, Name, Names, PropertyDecl, TableDecl};
use crate::model::{Act, Claim, Marker, Property};
use crate::span::Span;
use crate::syntax::Text;

/// The markers of all machines, in the order of the file.
pub(super) fn markers(table: &TableDecl) -> Vec<Marker> {
    let mut found = Vec::new();
    for machine in table.machines.iter().flat_map(|machines| &machines.entries) {
        let markers = machine.value.as_ref().and_then(|decl| decl.markers.as_ref());
        let markers = markers.iter().flat_map(|markers| &markers.entries);
        found.extend(markers.filter_map(|declared| marker(&machine.name.text, declared)));
    }
    found
}

fn marker(machine: &str, declared: &Declared<MarkerDecl>) -> Option<Marker> {
    let decl = declared.value.as_ref()?;
    Some(Marker {
        name: declared.name.text.clone(),
        machine: machine.to_owned(),
        initially: decl.initially.is_some_and(|initially| initially.value),
        set_in: names(decl.set_in.as_ref()),
        cleared_in: names(decl.cleared_in.as_ref()),
        guard: decl.guard.as_ref().map(|guard| guard.0.text.clone()),
        span: declared.name.span,
    })
}

/// What an operator may do, in the order of the file.
pub(super) fn acts(table: &TableDecl) -> Option<Vec<Act>> {
    table.operator.iter().flat_map(|named| &named.entries).map(act).collect()
}

fn act(declared: &Declared<ActDecl>) -> Option<Act> {
    let decl = declared.value.as_ref()?;
    Some(Act {
        name: decl.doc.as_ref()?.text.clone(),
        machine: decl.machine.as_ref()?.0.text.clone(),
        when: decl.when.as_ref()?.text.clone(),
        sets: decl.sets.as_ref()?.0.text.clone(),
        span: decl.when.as_ref()?.span,
    })
}

/// The properties, in the order of the file.
pub(super) fn properties(table: &TableDecl) -> Option<Vec<Property>> {
    table.properties.iter().flat_map(|named| &named.entries).map(property).collect()
}

fn property(declared: &Declared<PropertyDecl>) -> Option<Property> {
    let decl = declared.value.as_ref()?;
    let claim = match decl {
        PropertyDecl { after: Some(when), never: Some(never), .. } => {
            Claim::After { when: text(when), never: text(never), until: decl.until.as_ref().map(text) }
        }
        PropertyDecl { never: Some(never), .. } => Claim::Never(text(never)),
        PropertyDecl { at_most_one: Some(Name(marker)), .. } => Claim::AtMostOne(text(marker)),
        PropertyDecl { first: Some(first), then: Some(then), .. } => {
            Claim::Before { first: text(first), then: text(then) }
        }
        PropertyDecl { whenever: Some(whenever), eventually: Some(eventually), .. } => Claim::LeadsTo {
            whenever: text(whenever),
            eventually: text(eventually),
            waiting: decl.waiting.as_ref().map(text),
        },
        PropertyDecl { possible: Some(formula), .. } => {
            Claim::Possible { from: decl.from.as_ref().map(text), formula: text(formula) }
        }
        _ => return None,
    };
    let (name, doc) = (declared.name.text.clone(), decl.doc.as_ref()?.text.clone());
    Some(Property { name, doc, claim, spans: spans(decl) })
}

/// Where the texts of a claim stand, in the order of the fields of [`Claim`].
fn spans(decl: &PropertyDecl) -> Vec<Span> {
    let marker = decl.at_most_one.as_ref().map(|name| &name.0);
    let texts = [&decl.after, &decl.never, &decl.until, &decl.first, &decl.then, &decl.whenever, &decl.eventually];
    let texts = texts.into_iter().map(Option::as_ref).chain([marker]);
    let rest = [&decl.waiting, &decl.from, &decl.possible].into_iter().map(Option::as_ref);
    texts.chain(rest).flatten().map(|text| text.span).collect()
}

fn text(text: &Text) -> String {
    text.text.clone()
}

fn names(names: Option<&Names>) -> Vec<String> {
    names.iter().flat_map(|names| &names.names).map(|name| name.0.text.clone()).collect()
}
