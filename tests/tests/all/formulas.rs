//! `a or b` means exactly what two rows mean, and so does a row of several states: random tables against twins in which
//! every case and every state has a row of its own, public where it changes the status.

use std::collections::BTreeSet;

use fastrand::Rng;
use migration_contract::public::{lock, project};
use migration_draw::mermaid;
use migration_generate::{default_engine, generate};
use migration_table::interpret::Run;
use migration_table::model::{FactSet, Kind, Machine, Table};
use migration_table::{Finding, Severity, load, step};
use quote::ToTokens;
use syn::{Item, parse2};

const TABLES: u64 = 1000;

/// Fewer of those with a row of a group are sound.
const GROUP_TABLES: u64 = 2000;

/// So many of them at least must be sound, and have a formula with an `or`.
const SOUND_MIN: usize = 60;

const HEAD: &str = r#"
format: 1
machine: any
statuses:
  one: { since: "1.0", doc: "a status" }
  two: { since: "1.0", doc: "a status" }
triggers:
  go:   { command: go, doc: "a trigger" }
  stop: { command: stop, doc: "a trigger" }
  push: { command: push, doc: "a trigger" }
events:
  ready:  { doc: "an event" }
  broken: { carries: cause, doc: "an event" }
  over:   { doc: "an event" }
guards:
  quiet: { fixed: true, capability: quiet, doc: "a guard" }
  busy:  { doc: "a guard" }
"#;

const TRIGGERS: [&str; 3] = ["go", "stop", "push"];
const OTHERS: [&str; 3] = ["ready", "broken", "over"];
const GUARDS: [&str; 2] = ["quiet", "busy"];
const ORDER: [&str; 8] = ["go", "stop", "push", "ready", "broken", "over", "quiet", "busy"];

/// A line of a table: where it leaves, the cases of its formula, and the rest of what it says.
struct Line {
    from: Vec<usize>,
    cases: Vec<String>,
    to: usize,
}

/// A table, with its lines as they are or with a line for each case. All rows stand on one line of the text, so that
/// they have the same line number in both.
struct Pair {
    head: String,
    shown: Vec<&'static str>,
    lines: Vec<Line>,
}

impl Pair {
    fn random(dice: &mut Rng, may_have_groups: bool) -> Pair {
        let kinds = [
            "idle",
            ["work", "wait"][dice.usize(..2)],
            ["work", "cleanup", "idle"][dice.usize(..if may_have_groups { 2 } else { 3 })],
        ];
        let shown: Vec<&str> = kinds.iter().map(|_| if dice.bool() { "one" } else { "two" }).collect();
        let mut ranked = ["stop", "broken", "go", "ready", "push", "over", "quiet", "busy"];
        dice.shuffle(&mut ranked);
        let ranked = if dice.usize(..4) == 0 { &ranked[..3] } else { &ranked[..] };
        let mut head = format!("{HEAD}machines:\n  any:\n    doc: \"a machine\"\n");
        head += &format!("    precedence: [{}]\n    states:\n", ranked.join(", "));
        for (at, (kind, shows)) in kinds.iter().zip(&shown).enumerate() {
            let initial = if at == 0 { ", initial: true" } else { "" };
            head += &format!("      s{at}: {{ kind: {kind}, shows: {shows}{initial}, doc: \"a state\" }}\n");
        }
        let mut lines = Vec::new();
        for (from, kind) in kinds.iter().enumerate() {
            for at in 0..1 + dice.usize(..3) {
                // The first line goes on, so that most tables have a way through.
                let to = if at == 0 { (from + 1) % 3 } else { dice.usize(..3) };
                let mut cases: Vec<String> = (0..1 + dice.usize(..3)).map(|_| case(dice, kind)).collect();
                cases.sort();
                cases.dedup();
                let is_group = may_have_groups && from == 1 && dice.bool();
                lines.push(Line { from: if is_group { vec![1, 2] } else { vec![from] }, cases, to });
            }
        }
        Pair { head, shown, lines }
    }

    fn whole(&self) -> String {
        let rows = self.lines.iter().map(|line| self.row(&line.from, &line.cases.join(" or "), line.to));
        self.text(rows.collect())
    }

    fn split(&self) -> String {
        let of_line = |line: &Line| {
            let pairs = line.cases.iter().flat_map(|case| line.from.iter().map(move |from| (*from, case)));
            pairs.map(|(from, case)| self.row(&[from], case, line.to)).collect::<Vec<_>>()
        };
        self.text(self.lines.iter().flat_map(of_line).collect())
    }

    fn row(&self, from: &[usize], when: &str, to: usize) -> String {
        let is_public = from.iter().any(|from| self.shown[*from] != self.shown[to]);
        let names: Vec<String> = from.iter().map(|from| format!("s{from}")).collect();
        let public = if is_public { ", public: true" } else { "" };
        format!("{{ from: [{}], when: \"{when}\", to: s{to}{public} }}", names.join(", "))
    }

    fn text(&self, rows: Vec<String>) -> String {
        format!("{}    transitions: [{}]\n", self.head, rows.join(", "))
    }
}

/// A case of a formula: a few facts, each there or not, no fact twice, in the order in which findings name them. In an
/// idle state a trigger decides.
fn case(dice: &mut Rng, kind: &str) -> String {
    let first = match (kind, dice.usize(..3)) {
        ("idle", _) | (_, 0) => TRIGGERS[dice.usize(..3)],
        _ => OTHERS[dice.usize(..3)],
    };
    let mut parts = vec![(false, first)];
    for _ in 0..dice.usize(..3).saturating_sub(dice.usize(..2)) {
        let fact = match (kind, dice.usize(..6)) {
            ("idle", _) => "quiet",
            (_, 0..4) => GUARDS[dice.usize(..2)],
            (_, 4) => TRIGGERS[dice.usize(..3)],
            _ => OTHERS[dice.usize(..3)],
        };
        if parts.iter().all(|(_, known)| *known != fact) {
            parts.push((dice.bool(), fact));
        }
    }
    parts.sort_by_key(|(is_absent, fact)| (*is_absent, ORDER.iter().position(|known| known == fact)));
    let parts =
        parts.iter().map(|(is_absent, fact)| if *is_absent { format!("not {fact}") } else { (*fact).to_owned() });
    parts.collect::<Vec<_>>().join(" and ")
}

/// A line that is there more than once, or decides nothing, is one finding: what is said of each of its cases.
fn each_case(code: &str, text: String) -> Vec<String> {
    let Some((before, (formula, rest))) =
        text.split_once("transition `").and_then(|(before, rest)| Some((before, rest.split_once('`')?)))
    else {
        return vec![text];
    };
    match code {
        "T0431" | "T0432" => formula.split(" or ").map(|case| format!("{before}transition `{case}`{rest}")).collect(),
        _ => vec![text],
    }
}

/// What is said of a table, whichever way it is written: a case is called a case only where it has a formula around it.
fn said(findings: &[&Finding]) -> BTreeSet<String> {
    let plain = |text: &str| {
        let mut text = text.to_owned();
        for word in ["transition", "formula"] {
            while let Some((before, rest)) = text.split_once("case `") {
                let Some((case, rest)) = rest.split_once(&format!("` of {word} `")) else { break };
                let Some((_, rest)) = rest.split_once('`') else { break };
                text = format!("{before}{word} `{case}`{rest}");
            }
        }
        text
    };
    let of = |finding: &&Finding| -> Vec<String> {
        let own = (finding.code.0, finding.message.as_str());
        let all = std::iter::once(own).chain(finding.notes.iter().filter_map(|(_, text)| joined(text)));
        let each = |(code, text): (&str, &str)| -> Vec<String> {
            let each = each_loss(&plain(text)).into_iter();
            each.flat_map(|text| each_case(code, text)).map(|text| format!("{code} {text}")).collect()
        };
        all.flat_map(each).collect()
    };
    findings.iter().flat_map(of).collect()
}

/// The code and the message of a finding that was joined with another, since one change would mend both: which are joined
/// depends on how the lines are written, what is found does not.
fn joined(note: &str) -> Option<(&str, &str)> {
    let (code, message) = note.split_once(": ")?;
    let number = code.strip_prefix('T')?;
    (number.len() == 4 && number.bytes().all(|byte| byte.is_ascii_digit())).then_some((code, message))
}

/// A finding about each trigger that is lost: a line tells all that it loses at once, as it has one `drops:` for them.
fn each_loss(text: &str) -> Vec<String> {
    let Some((triggers, way)) = text.split_once(", accepted before, ") else { return vec![text.to_owned()] };
    let way = way.trim_start_matches("is ").trim_start_matches("are ");
    triggers.split('`').skip(1).step_by(2).map(|trigger| format!("trigger `{trigger}` is {way}")).collect()
}

/// The rows and answers of every state of the generated code, with each row in the place of its name.
#[expect(clippy::wildcard_enum_match_arm, reason = "items that `syn` may add do not matter here")]
fn generated(table: &Table) -> Vec<String> {
    let file: syn::File = parse2(generate(table, &default_engine())).expect("it is Rust");
    let items = file.items.into_iter().flat_map(|item| match item {
        Item::Mod(module) => module.content.map(|(_, items)| items).unwrap_or_default(),
        _ => Vec::new(),
    });
    let (mut rows, mut texts) = (Vec::new(), Vec::new());
    for item in items {
        match item {
            Item::Const(item) if item.ident.to_string().starts_with("ROW_") => {
                rows.push((item.ident.to_string(), item.expr.to_token_stream().to_string()));
            }
            Item::Const(item) if item.ident.to_string().starts_with("ANSWERS") => {
                texts.push(item.to_token_stream().to_string());
            }
            Item::Static(item) => texts.push(item.to_token_stream().to_string()),
            _ => {}
        }
    }
    rows.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    let with_rows = |text: &String| rows.iter().fold(text.clone(), |text, (name, row)| text.replace(name, row));
    texts.iter().map(with_rows).collect()
}

/// What every set of facts does in every state, and what is said to every trigger.
fn steps(machine: &Machine) -> Vec<String> {
    let mut all = Vec::new();
    for state in machine.state_ids() {
        for facts in machine.all_facts().subsets() {
            let fires = step::advance(machine, state, facts).map(|index| {
                let row = &machine.rows[index];
                let kept = facts - step::gone(machine, row);
                // In an idle state nobody asks about two triggers.
                (row.to, row.public, kept)
            });
            let is_asked = machine.state(state).kind != Kind::Idle || (facts & machine.triggers()).len() < 2;
            all.push(if is_asked { format!("{fires:?}") } else { String::new() });
            for trigger in machine.triggers() {
                all.push(format!("{:?}", step::answer(machine, state, trigger, facts)));
            }
        }
    }
    all
}

/// A random walk, as what is seen of it.
fn walk(machine: &Machine, seed: u64) -> Vec<String> {
    let (mut dice, mut run, mut seen) = (Rng::with_seed(seed), Run::new(machine), Vec::new());
    for _ in 0..40 {
        run.set_guards(machine.guards().iter().filter(|_| dice.bool()).collect::<FactSet>());
        let facts: Vec<_> = (machine.triggers() | machine.events()).iter().collect();
        let fact = facts[dice.usize(..facts.len())];
        let said = if machine.fact(fact).is_trigger() {
            format!("{:?}", run.raise(fact))
        } else {
            format!("{:?}", run.report(run.visit(), fact))
        };
        seen.push(format!("{said} {:?} {:?} {:?} {}", run.state(), run.facts(), run.told(), run.visit()));
    }
    seen
}

#[test]
fn an_or_is_two_rows_in_everything() {
    let mut sound = 0;
    for seed in 0..TABLES {
        let pair = Pair::random(&mut Rng::with_seed(seed), false);
        let (whole, split) = (load(&pair.whole()), load(&pair.split()));
        let (found, expected) = (whole.findings.iter().collect::<Vec<_>>(), split.findings.iter().collect::<Vec<_>>());
        assert_eq!(said(&found), said(&expected), "seed {seed}: {}", pair.whole());
        let (Some(one), Some(other)) = (&whole.table, &split.table) else { panic!("seed {seed}: it can be read") };
        if whole.findings.has_errors() || pair.lines.iter().all(|line| line.cases.len() == 1) {
            continue;
        }
        sound += 1;
        does_the_same(one, other, seed);
        assert_eq!(mermaid(one, &one.machines[0]), mermaid(other, &other.machines[0]), "seed {seed}: {}", pair.whole());
    }
    assert!(sound >= SOUND_MIN, "{sound} of {TABLES} tables are sound");
}

/// A row of a group publishes where the status changes, as rows for each of its states do. Its findings name all of
/// them in one sentence, and pictures draw it from their frame.
#[test]
fn a_row_of_a_group_is_a_row_for_each_state() {
    let mut sound = 0;
    for seed in 0..GROUP_TABLES {
        let pair = Pair::random(&mut Rng::with_seed(seed), true);
        let (whole, split) = (load(&pair.whole()), load(&pair.split()));
        let (Some(one), Some(other)) = (&whole.table, &split.table) else { panic!("seed {seed}: it can be read") };
        let has_group = pair.lines.iter().any(|line| line.from.len() > 1);
        // A case that fires in one state of its group is no mistake, and in a row for another of them it never fires.
        let is_new = |finding: &&Finding| finding.severity == Severity::Error && finding.code.to_string() != "T0304";
        let new: Vec<&Finding> = split.findings.iter().filter(is_new).collect();
        if whole.findings.has_errors() {
            assert!(split.findings.has_errors(), "seed {seed}: {}", pair.whole());
        } else {
            assert!(new.is_empty(), "seed {seed}: {:?} {} {}", said(&new), pair.whole(), pair.split());
        }
        if whole.findings.has_errors() || !has_group {
            continue;
        }
        sound += 1;
        does_the_same(one, other, seed);
    }
    assert!(sound >= SOUND_MIN, "{sound} of {GROUP_TABLES} tables are sound");
}

fn does_the_same(one: &Table, other: &Table, seed: u64) {
    let (machine, twin) = (&one.machines[0], &other.machines[0]);
    assert_eq!(steps(machine), steps(twin), "seed {seed}");
    assert_eq!(walk(machine, seed), walk(twin, seed), "seed {seed}");
    let public = |table: &Table| lock::write(&project(table).expect("it is small"));
    assert_eq!(public(one), public(other), "seed {seed}");
    assert_eq!(generated(one), generated(other), "seed {seed}");
}
