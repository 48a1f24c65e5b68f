//! Lines that begin a block and are lost, or stand in the wrong column. What stood under such a line is read as part of the
//! block before it, and each of its lines would have findings of its own. Here the tree is put right, so that there is one
//! finding, which names the line.

use super::block::{Block, Form, Shape};
use crate::finding::{Finding, Findings};
use crate::rule::names::DECLARED_TWICE;
use crate::rule::shape::{MISPLACED_KEY, MISSING_KEY};
use crate::span::Span;
use crate::syntax::{Entry, Node, Text, Value};

/// Puts the blocks of a mapping right.
pub(super) fn blocks(entries: &mut Vec<Entry>, blocks: &[Block], out: &mut Findings) {
    singular(entries, blocks, out);
    let mut at = 0;
    while at < entries.len() {
        if let Some(own) = blocks.iter().find(|block| block.key == entries[at].key.text) {
            outdented(entries, at, (own, blocks), out);
            let absent = |block: &&Block| entries.iter().all(|entry| entry.key.text != block.key);
            let absent: Vec<Block> = blocks.iter().filter(absent).copied().collect();
            let value = &mut entries[at].value;
            let lost = match indented(value, own, &absent, out) {
                Some(lost) => vec![lost],
                None => unheaded(value, own, &absent, out).unwrap_or_default(),
            };
            entries.splice(at + 1..at + 1, lost);
        }
        at += 1;
    }
    strays(entries, blocks, out);
    for entry in entries {
        if let Some(Block { shape: Shape::Named(form), .. }) = blocks.iter().find(|block| block.key == entry.key.text)
            && let Value::Mapping(named) = &mut entry.value.value
        {
            names(named, *form, out);
        }
    }
}

/// Finds the key of a block without its last letter, where that is another key, which is given as well.
fn singular(entries: &mut [Entry], blocks: &[Block], out: &mut Findings) {
    let known: Vec<String> = entries.iter().map(|entry| entry.key.text.clone()).collect();
    for entry in entries {
        let Some(first) = entry.first else { continue };
        let is_meant = |block: &&Block| block.key.strip_suffix('s') == Some(&entry.key.text);
        let meant = blocks.iter().find(is_meant).filter(|block| block.shape.holds(&entry.value));
        let Some(block) = meant.filter(|block| !known.iter().any(|key| key == block.key)) else { continue };
        let message = format!("`{}` is given twice", entry.key.text);
        let finding = Finding::error(DECLARED_TWICE.code, entry.key.span, message, "again here");
        out.push(finding.with_place(first, "first here").with_help(format!("did you mean `{}`?", block.key)));
        (entry.key.text, entry.first) = (block.key.to_owned(), None);
    }
}

/// Puts keys right that belong into the entry before them: those of a machine among the machines.
pub(super) fn inner(named: &mut Vec<Entry>, blocks: &[Block], out: &mut Findings) {
    let mut at = 1;
    while at < named.len() {
        let found = blocks.iter().find(|it| it.key == named[at].key.text && it.shape.holds(&named[at].value));
        if let Some(block) = found
            && let Value::Mapping(into) = &named[at - 1].value.value
            && into.iter().all(|entry| entry.key.text != block.key)
            && let Some(sibling) = into.last()
        {
            out.push(column(&named[at].key, "too little", &sibling.key.text));
            let lost = named.remove(at);
            if let Value::Mapping(into) = &mut named[at - 1].value.value {
                into.push(lost);
            }
            continue;
        }
        at += 1;
    }
}

/// Finds entries of a block that begin in the column of the block itself.
fn outdented(entries: &mut Vec<Entry>, at: usize, (own, blocks): (&Block, &[Block]), out: &mut Findings) {
    let Shape::Named(form @ Form::Keys(noun, _)) = own.shape else { return };
    let is_lost = |entry: &Entry| form.fits(&entry.value) && blocks.iter().all(|block| block.key != entry.key.text);
    let count = entries[at + 1..].iter().take_while(|entry| is_lost(entry)).count();
    let is_open = is_nothing(&entries[at].value) || matches!(entries[at].value.value, Value::Mapping(_));
    if !is_open || count == 0 {
        return;
    }
    let lost: Vec<Entry> = entries.drain(at + 1..=at + count).collect();
    let message = format!("the line `{}:` is indented too little", lost[0].key.text);
    let finding = Finding::error(MISPLACED_KEY.code, lost[0].key.span, message, format!("{noun}, under `{}`", own.key));
    let sibling = match &entries[at].value.value {
        Value::Mapping(named) => named.first(),
        Value::Scalar(_) | Value::Sequence(_) | Value::Refused => None,
    };
    out.push(finding.with_help(match sibling {
        Some(sibling) => format!("indent it like `{}:`", sibling.key.text),
        None => format!("indent it further than `{}:`", own.key),
    }));
    match &mut entries[at].value.value {
        Value::Mapping(named) => {
            named.extend(lost);
            again(named);
        }
        Value::Scalar(_) | Value::Sequence(_) | Value::Refused => {
            entries[at].value = Node { owner: entries[at].value.owner, ..mapping(lost) };
        }
    }
}

/// Finds the line of an absent block among the entries of another one, and takes what stands under it out.
fn indented(value: &mut Node, own: &Block, absent: &[Block], out: &mut Findings) -> Option<Entry> {
    let Value::Mapping(named) = &mut value.value else { return None };
    let header = |entry: &Entry| {
        let is_own = own.shape.fits(Some(&entry.key.text), &entry.value);
        absent.iter().find(|block| block.key == entry.key.text && !is_own)
    };
    let (at, block) = named.iter().enumerate().find_map(|(at, entry)| Some((at, header(entry)?)))?;
    let below = &named[at + 1..];
    let lost = if block.shape.holds(&named[at].value) {
        named.remove(at)
    } else if is_nothing(&named[at].value)
        && !below.is_empty()
        && own.shape.is_like(block.shape)
        && below.iter().all(|entry| block.shape.form().fits(&entry.value))
    {
        let below = mapping(named.split_off(at + 1));
        Entry { value: below, ..named.pop()? }
    } else {
        return None;
    };
    out.push(column(&lost.key, "too far", own.key));
    again(named);
    Some(lost)
}

/// Finds the first item that is none of its block, where it and all below are items of one that is absent, and takes them out.
fn unheaded(value: &mut Node, own: &Block, absent: &[Block], out: &mut Findings) -> Option<Vec<Entry>> {
    let items = items(value);
    let is_of = |block: &Block, from: usize| items[from..].iter().all(|item| block.shape.form().fits(item.value));
    let alike = || absent.iter().filter(|block| own.shape.is_like(block.shape));
    let at = match items.iter().position(|item| !own.shape.fits(item.name, item.value)) {
        Some(at) => {
            let block = alike().find(|block| is_of(block, at))?;
            let is_of_both = |from: &usize| block.shape.form().fits(items[*from].value);
            let of_both = (1..at).rev().take_while(is_of_both).last().unwrap_or(at);
            after_gap(&items, of_both..at + 1)
        }
        // The items of both blocks have the same keys: a name that is given twice, and lines between that are free, show
        // that there are two.
        None => {
            let Value::Mapping(named) = &value.value else { return None };
            let is_other = |at: &usize| named[*at].first.is_some_and(|first| !is_copied(named, *at, first));
            let twice = (1..named.len()).find(is_other)?;
            let at = after_gap(&items, 1..twice + 1);
            (items[at].place.line > items[at - 1].place.line + 1).then_some(at)?
        }
    };
    let mut blocks: Vec<&Block> = alike().filter(|block| is_of(block, at)).collect();
    if at == 0 || blocks.is_empty() {
        return None;
    }
    // One that must be there is the one that is lost.
    if let Some(required) = blocks.iter().position(|block| block.is_required) {
        blocks = vec![blocks[required]];
    }
    let place = items[at].place;
    out.push(lost_line(place, own, &blocks));
    let lost = match &mut value.value {
        Value::Mapping(named) => {
            let lost = mapping(named.split_off(at));
            again(named);
            lost
        }
        Value::Sequence(nodes) => {
            let lost = nodes.split_off(at);
            let span = lost.last().map_or(place, |last| place.until(last.span));
            Node { value: Value::Sequence(lost), span, owner: place }
        }
        Value::Scalar(_) | Value::Refused => return None,
    };
    let entry = |block: &Block, value: Node| Entry { key: Text::lacking(block.key, place), value, first: None };
    if let [block] = blocks.as_slice() {
        return Some(vec![entry(block, lost)]);
    }
    // In which of them the names belong is not known, so any name may be in each.
    Some(blocks.into_iter().map(|block| entry(block, mapping(vec![unknown(place)]))).collect())
}

/// Whether an entry says what the first of the same name says, or stands right below one: its line was copied.
fn is_copied(named: &[Entry], at: usize, first: Span) -> bool {
    let (copy, before) = (&named[at], &named[at - 1]);
    let original = named.get(named.partition_point(|entry| entry.key.span.start < first.start));
    let is_below = before.key.text == copy.key.text && before.value.span.line + 1 >= copy.key.span.line;
    is_below || original.is_some_and(|original| original.value.says_what(&copy.value))
}

/// The finding that the line before a place is lost, which began one of some blocks.
fn lost_line(place: Span, own: &Block, blocks: &[&Block]) -> Finding {
    let keys: Vec<String> = blocks.iter().map(|block| format!("`{}:`", block.key)).collect();
    let (last, first) = keys.split_last().map_or(("", &[][..]), |(last, first)| (last.as_str(), first));
    let keys = if first.is_empty() { last.to_owned() } else { format!("{} or {last}", first.join(", ")) };
    let label = match blocks {
        [block] => format!("{}, among `{}`", block.shape.form().noun(), own.key),
        _ => format!("none of `{}`", own.key),
    };
    let finding = Finding::error(MISSING_KEY.code, place, format!("the line {keys} is missing"), label);
    finding.with_help(format!("write {keys} in a line before this one, indented like `{}:`", own.key))
}

/// An item of a block.
struct Item<'n> {
    /// Where it begins.
    place: Span,
    name: Option<&'n str>,
    value: &'n Node,
}

/// Finds items that stand in the wrong block, by the keys that they have, and moves them to the block of which they are.
fn strays(entries: &mut [Entry], blocks: &[Block], out: &mut Findings) {
    let block_of = |entry: &Entry| blocks.iter().find(|block| block.key == entry.key.text);
    let places: Vec<Option<&Block>> = entries.iter().map(block_of).collect();
    for (at, own) in places.iter().enumerate().filter_map(|(at, own)| Some((at, (*own)?))) {
        let home = |item: &Node| -> Option<usize> {
            let is_home = |other: &usize| {
                places[*other].is_some_and(|block| own.shape.is_like(block.shape) && block.shape.form().fits(item))
            };
            let mut homes = (0..places.len()).filter(is_home);
            homes.next().filter(|home| *home != at && homes.next().is_none() && own.shape.form().lacks_key_of(item))
        };
        let found: Vec<(usize, usize)> = items(&entries[at].value)
            .iter()
            .enumerate()
            .filter_map(|(index, item)| Some((index, home(item.value)?)))
            .collect();
        for (index, home) in found.into_iter().rev() {
            let Some(other) = places[home] else { continue };
            let noun = other.shape.form().noun();
            let label = format!("belongs under `{}:`", other.key);
            let place = items(&entries[at].value)[index].place;
            let message = format!("{noun} stands among `{}`", own.key);
            let finding = Finding::error(MISPLACED_KEY.code, place, message, label);
            out.push(finding.with_help(format!("move it to `{}:`", other.key)));
            let lost = match &mut entries[at].value.value {
                Value::Mapping(named) => Ok(named.remove(index)),
                Value::Sequence(nodes) => Err(nodes.remove(index)),
                Value::Scalar(_) | Value::Refused => continue,
            };
            match (&mut entries[home].value.value, lost) {
                (Value::Mapping(named), Ok(entry)) => {
                    named.push(entry);
                    again(named);
                }
                (Value::Sequence(nodes), Err(node)) => nodes.push(node),
                (_, Ok(_) | Err(_)) => {}
            }
        }
    }
}

/// The items of a block.
fn items(value: &Node) -> Vec<Item<'_>> {
    match &value.value {
        Value::Mapping(named) => named
            .iter()
            .map(|entry| Item { place: entry.key.span, name: Some(&entry.key.text), value: &entry.value })
            .collect(),
        Value::Sequence(nodes) => {
            nodes.iter().map(|node| Item { place: node.owner, name: None, value: node }).collect()
        }
        Value::Scalar(_) | Value::Refused => Vec::new(),
    }
}

/// The item, of those in a range, before which the most lines are free; the last of several.
fn after_gap(items: &[Item<'_>], range: std::ops::Range<usize>) -> usize {
    let lines = |at: usize| if at == 0 { 0 } else { items[at].place.line.saturating_sub(items[at - 1].place.line) };
    range.max_by_key(|at| lines(*at)).unwrap_or(0)
}

/// Finds names that are lost: keys of a declaration where names should stand, or those of a second one after the first.
fn names(named: &mut Vec<Entry>, form: Form, out: &mut Findings) {
    let Form::Keys(noun, _) = form else { return };
    let help = "write its name in a line before this one, with a colon after it";
    let Some(first) = named.first() else { return };
    let is_named = named.iter().any(|entry| form.fits(&entry.value));
    if form.fits_entries(named) && !is_named {
        let span = first.key.span;
        let message = format!("the line with the name of {noun} is missing");
        out.push(Finding::error(MISSING_KEY.code, span, message, format!("{noun} begins here")).with_help(help));
        *named = vec![unknown(span)];
        return;
    }
    if is_nothing(&first.value) && form.fits_entries(&named[1..]) {
        let message = format!("the line `{}:` is indented too far", named[0].key.text);
        let finding = Finding::error(MISPLACED_KEY.code, named[0].key.span, message, format!("{noun} begins here"));
        out.push(finding.with_help("indent it less than the lines below"));
        named[0].value = mapping(named.split_off(1));
        return;
    }
    let (mut at, mut lost) = (0, None);
    while at < named.len() {
        let second = match &mut named[at].value.value {
            Value::Mapping(keys) => second(keys, form),
            Value::Scalar(_) | Value::Sequence(_) | Value::Refused => None,
        };
        at += 1;
        let Some((name, second)) = second else { continue };
        if let Some(name) = name {
            out.push(column(&name.key, "too far", &named[at - 1].key.text));
            named.insert(at, Entry { value: mapping(second), ..name });
            continue;
        }
        let key = &second[0].key;
        let (message, help) = match second.len() {
            1 => (
                format!("`{}` is given twice", key.text),
                format!("keep one of the two; or, if {noun} begins here, {help}"),
            ),
            _ => (format!("the line with the name of {noun} is missing"), help.to_owned()),
        };
        let label = format!("`{}` for the second time", key.text);
        let finding = Finding::error(DECLARED_TWICE.code, key.span, message, label);
        let first = second[0].first.into_iter();
        let finding = first.fold(finding, |finding, place| finding.with_place(place, "first here"));
        out.push(finding.with_help(help));
        lost = Some(key.span);
    }
    named.extend(lost.map(unknown));
}

/// Takes the keys of a second declaration out of those of the first, and its name, if that stands before them in their column.
fn second(keys: &mut Vec<Entry>, form: Form) -> Option<(Option<Entry>, Vec<Entry>)> {
    let at = keys.iter().position(|key| key.first.is_some())?;
    let is_name = |key: &Entry| is_nothing(&key.value) && !form.has_key(&key.key.text);
    let end = at - usize::from(at > 0 && is_name(&keys[at - 1]));
    if !form.fits_entries(&keys[at..]) || !form.fits_entries(&keys[..end]) {
        return None;
    }
    let second = keys.split_off(at);
    Some((if end < at { keys.pop() } else { None }, second))
}

/// An entry that stands for others of which nothing is known.
fn unknown(place: Span) -> Entry {
    let value = Node { value: Value::Refused, span: place, owner: place };
    Entry { key: Text::lacking("<<", place), value, first: None }
}

/// Whether a key has no value.
fn is_nothing(value: &Node) -> bool {
    matches!(&value.value, Value::Scalar(text) if text.plain && text.text.is_empty())
}

/// A mapping of entries that stood elsewhere.
fn mapping(mut entries: Vec<Entry>) -> Node {
    again(&mut entries);
    let owner = entries.first().map_or_else(Span::default, |entry| entry.key.span);
    let span = entries.last().map_or(owner, |last| owner.until(last.value.span));
    Node { value: Value::Mapping(entries), span, owner }
}

/// Finds out again which keys of a mapping are given twice.
fn again(entries: &mut [Entry]) {
    let mut places = std::collections::BTreeMap::new();
    for entry in entries {
        entry.first = places.get(&entry.key.text).copied();
        places.entry(entry.key.text.clone()).or_insert(entry.key.span);
    }
}

/// The finding that the line of a block stands in the wrong column.
fn column(key: &Text, how: &str, sibling: &str) -> Finding {
    let message = format!("the line `{}:` is indented {how}", key.text);
    let finding = Finding::error(MISPLACED_KEY.code, key.span, message, "in the wrong column");
    finding.with_help(format!("indent it like `{sibling}:`"))
}
