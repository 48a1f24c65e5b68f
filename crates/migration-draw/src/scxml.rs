//! A machine as SCXML, the W3C's language for state charts, for the programs that draw, run or convert such charts.
//!
//! The states and transitions are those of the table, flat, and a chart takes the same steps as the machine: what an
//! event cannot say is in `cond`, and facts that wait are kept in variables (see [`memory`]). Of the data model nothing
//! is used but named booleans, `!` and `&&`; a machine without guards and without facts that wait uses none at all.
//! What the language has no word for stands in attributes of a namespace of our own, which other programs pass over.
//! The head of each file says how to read it.

mod memory;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use self::memory::{Memory, is_unheard};
use super::xml::{comment, escape};

use migration_table::model::{Cube, Fact, FactId, FactSet, Kind, Machine, Row, State, StateId, Table};
use migration_table::step::{accepting, gone};

/// The namespace of what SCXML has no word for.
const NAMESPACE: &str = "urn:migration-table:1";

/// Words of ECMAScript that a fact may be called by.
const RESERVED: &[&str] = &[
    "arguments",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "eval",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "new",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "static",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "undefined",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

const HEAD: &str = "
  How to read it:
  - a state is a state of the table; m:kind says what goes on in it, m:shows what a client is shown, m:holds what exists
    meanwhile. A final one is idle, and nothing leaves it.
  - a transition is one case of a row. Its event is the trigger, event or message whose coming completes the case, and its
    cond is the rest of it. Where several facts make a case, each of them can be the last to come. Of the transitions of a
    state that are enabled, the first in the document is the one that the table's precedence chooses.
  - the data are guards, which whoever runs the chart sets (those with m:fixed before an attempt starts, and not until it
    has ended), and facts that can wait for another, which the chart sets itself.
  - log says what is published, and send what goes to the peer, as #_scxml_ and the name of its machine.
  What it does not carry: why a trigger is ignored or refused (here its event is dropped), the time after which a
  peer is given up (m:timeout-ms names it) or the visit ends (m:timer-ms), and evidence of a visit that is over, which must not be sent to the chart.
";

/// Writes the chart.
pub(super) fn draw(table: &Table, machine: &Machine) -> String {
    let chart = Chart::new(table, machine);
    let mut states = String::new();
    let mut named = FactSet::EMPTY;
    for state in machine.state_ids() {
        named |= chart.state(state, &mut states);
    }
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!--\n");
    let title = format!("The machine {} of the table {}: {}.", machine.name, table.name, machine.doc);
    let _ = writeln!(out, "  {}\n{HEAD}-->", comment(&title));
    let (name, initial) = (escape(&machine.name), escape(&machine.state(machine.initial).name));
    let datamodel = if named.is_empty() { "null" } else { "ecmascript" };
    let _ = writeln!(
        out,
        "<scxml xmlns=\"http://www.w3.org/2005/07/scxml\" xmlns:m=\"{NAMESPACE}\" version=\"1.0\" name=\"{name}\" \
         initial=\"{initial}\" datamodel=\"{datamodel}\">"
    );
    chart.data(named, &mut out);
    out.push_str(&states);
    out.push_str("</scxml>\n");
    out
}

struct Chart<'m> {
    table: &'m Table,
    machine: &'m Machine,
    /// The rows of each state, the strongest first.
    rows: Vec<Vec<&'m Row>>,
    memory: Memory,
}

/// One transition, before it is written.
struct Transition {
    event: Option<FactId>,
    /// What else must hold.
    rest: Cube,
}

impl<'m> Chart<'m> {
    fn new(table: &'m Table, machine: &'m Machine) -> Chart<'m> {
        let mut rows = machine.rows_by_state();
        for rows in &mut rows {
            rows.sort_by(|a, b| key(a).cmp(&key(b)));
        }
        let memory = Memory::new(machine, &rows);
        Chart { table, machine, rows, memory }
    }

    /// The variables, for the facts that some condition names.
    fn data(&self, named: FactSet, out: &mut String) {
        if named.is_empty() {
            return;
        }
        out.push_str("  <datamodel>\n");
        for fact in named.iter().map(|fact| self.machine.fact(fact)) {
            let fixed = if fact.is_fixed() { " m:fixed=\"true\"" } else { "" };
            let kind = if fact.is_guard() { "guard" } else { "waits" };
            let (id, doc) = (escape(&variable(self.machine, fact)), escape(&fact.doc));
            let _ = writeln!(out, "    <data id=\"{id}\" expr=\"false\" m:is=\"{kind}\"{fixed} m:doc=\"{doc}\"/>");
        }
        out.push_str("  </datamodel>\n");
    }

    /// Writes a state; returns the facts that its conditions name.
    fn state(&self, id: StateId, out: &mut String) -> FactSet {
        let state = self.machine.state(id);
        let mut inner = String::new();
        let named = self.transitions(id, &mut inner) | self.memories(id, &mut inner);
        let entering = if state.kind == Kind::Idle { self.memory.carried } else { FactSet::EMPTY };
        self.forget("onentry", entering, &mut inner);
        self.forget("onexit", self.memory.kept(id) & self.machine.events(), &mut inner);
        let leads_nowhere = state.kind == Kind::Idle && self.rows[id.index()].is_empty();
        let tag = if leads_nowhere { "final" } else { "state" };
        let attributes = self.attributes(state);
        if inner.is_empty() {
            let _ = writeln!(out, "  <{tag} {attributes}/>");
        } else {
            let _ = writeln!(out, "  <{tag} {attributes}>\n{inner}  </{tag}>");
        }
        named | entering
    }

    fn attributes(&self, state: &State) -> String {
        let shows = &self.table.statuses[state.shows.index()].name;
        let mut text =
            format!("id=\"{}\" m:kind=\"{}\" m:shows=\"{}\"", escape(&state.name), state.kind.name(), escape(shows));
        if !state.holds.is_empty() {
            let held: Vec<&str> = state.holds.iter().map(|id| self.table.resources[id.index()].name.as_str()).collect();
            let _ = write!(text, " m:holds=\"{}\"", escape(&held.join(" ")));
        }
        if let Some(timeout) = state.timeout {
            let event = escape(&self.machine.fact(timeout.event).name);
            let _ = write!(text, " m:timeout=\"{event}\" m:timeout-ms=\"{}\"", timeout.after_ms);
        }
        if let Some(timer) = state.timer {
            let event = escape(&self.machine.fact(timer.event).name);
            let _ = write!(text, " m:timer=\"{event}\" m:timer-ms=\"{}\"", timer.after_ms);
        }
        let _ = write!(text, " m:doc=\"{}\"", escape(&state.doc));
        text
    }

    /// The transitions that leave a state, the strongest first.
    fn transitions(&self, id: StateId, out: &mut String) -> FactSet {
        let mut named = FactSet::EMPTY;
        for row in &self.rows[id.index()] {
            for transition in row.cubes.iter().flat_map(|cube| self.ways(id, row, *cube)) {
                named |= transition.rest.asks();
                self.transition(&transition, row, out);
            }
        }
        named
    }

    /// The ways in which a case of a row comes true: by each of its facts that can be the last to come, and by none.
    fn ways(&self, id: StateId, row: &Row, cube: Cube) -> Vec<Transition> {
        let comes = |fact: &FactId| !is_unheard(self.machine, row, *fact);
        let by = |fact: FactId| Transition { event: Some(fact), rest: cube.without(fact.into()) };
        let mut ways: Vec<Transition> = (cube.set - self.machine.guards()).iter().filter(comes).map(by).collect();
        if self.memory.can_come_true_unasked(self.machine, id, row, cube) {
            ways.push(Transition { event: None, rest: cube });
        }
        ways
    }

    fn transition(&self, transition: &Transition, row: &Row, out: &mut String) {
        let mut text = String::from("    <transition");
        if let Some(fact) = transition.event {
            let _ = write!(text, " event=\"{}\"", escape(&self.machine.fact(fact).name));
        }
        if let Some(condition) = self.condition(transition.rest) {
            let _ = write!(text, " cond=\"{}\"", escape(&condition));
        }
        let _ = write!(text, " target=\"{}\"", escape(&self.machine.state(row.to).name));
        let mut inner = String::new();
        // An idle state forgets everything itself when it is entered.
        let ends = self.machine.state(row.to).kind == Kind::Idle;
        let forgotten = if ends { FactSet::EMPTY } else { gone(self.machine, row) & self.memory.carried };
        for name in self.names(forgotten) {
            let _ = writeln!(inner, "      <assign location=\"{}\" expr=\"false\"/>", escape(&name));
        }
        if row.public {
            let shows = &self.table.statuses[self.machine.state(row.to).shows.index()].name;
            let _ = writeln!(inner, "      <log label=\"publishes {}\"/>", escape(shows));
        }
        for message in row.sends.iter().map(|id| &self.table.messages[id.index()]) {
            let (name, to) = (escape(&message.name), escape(&message.to));
            let _ = writeln!(inner, "      <send event=\"{name}\" target=\"#_scxml_{to}\"/>");
        }
        let end = if inner.is_empty() { "/>\n".to_owned() } else { format!(">\n{inner}    </transition>\n") };
        let _ = write!(out, "{text}{end}");
    }

    /// The transitions that lead nowhere and remember what came too early.
    fn memories(&self, id: StateId, out: &mut String) -> FactSet {
        let mut named = self.memory.kept(id);
        for fact in self.memory.kept(id) {
            let (event, location) = (&self.machine.fact(fact).name, variable(self.machine, self.machine.fact(fact)));
            for case in self.admitted(id, fact) {
                let condition =
                    self.condition(case).map_or(String::new(), |text| format!(" cond=\"{}\"", escape(&text)));
                let _ = writeln!(
                    out,
                    "    <transition event=\"{}\"{condition}><assign location=\"{}\" expr=\"true\"/></transition>",
                    escape(event),
                    escape(&location)
                );
                named |= case.asks();
            }
        }
        named
    }

    /// The cases of fixed guards in which a fact is let in: always for evidence, and for a trigger where a row that
    /// needs it can still be enabled.
    fn admitted(&self, id: StateId, fact: FactId) -> Vec<Cube> {
        if !self.machine.fact(fact).is_trigger() {
            return vec![Cube::ALWAYS];
        }
        let mut cases = accepting(self.machine, id, fact);
        // A case that asks for nothing comes first, and makes the others needless.
        if cases.first() == Some(&Cube::ALWAYS) {
            cases.truncate(1);
        }
        cases
    }

    fn forget(&self, when: &str, facts: FactSet, out: &mut String) {
        if facts.is_empty() {
            return;
        }
        let _ = writeln!(out, "    <{when}>");
        for name in self.names(facts) {
            let _ = writeln!(out, "      <assign location=\"{}\" expr=\"false\"/>", escape(&name));
        }
        let _ = writeln!(out, "    </{when}>");
    }

    /// Returns a case as ECMAScript, or `None` if it asks nothing.
    fn condition(&self, case: Cube) -> Option<String> {
        let set = self.names(case.set);
        let clear = self.names(case.clear).map(|name| format!("!{name}"));
        let parts: Vec<String> = set.chain(clear).collect();
        (!parts.is_empty()).then(|| parts.join(" && "))
    }

    /// The variables of some facts.
    fn names(&self, facts: FactSet) -> impl Iterator<Item = String> {
        facts.iter().map(|id| variable(self.machine, self.machine.fact(id)))
    }
}

/// What the order of the rows of a state follows; the one by which the interpreter chooses comes first.
fn key(row: &Row) -> impl Ord + '_ {
    (row.rank, row.to, &row.cubes, &row.when, &row.sends, row.drops, row.reason)
}

/// The variable of a fact: its name, unless that means something else in ECMAScript.
fn variable(machine: &Machine, fact: &Fact) -> String {
    let mut name = fact.name.clone();
    while RESERVED.contains(&name.as_str()) || (name != fact.name && machine.fact_id(&name).is_some()) {
        name.push('_');
    }
    name
}
