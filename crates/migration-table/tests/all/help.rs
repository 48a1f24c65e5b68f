//! Help that helps: what a finding proposes is applied to the text, word for word. Then the finding is gone, and no new
//! one is as bad.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use migration_table::{Finding, Findings, load};

use super::slips::{OWN, SLIPS};

mod edits;
mod keys;
mod lines;
mod machine;
mod mutants;
mod names;
mod pen;
mod rows;

/// A way to apply a help: the kind of change, and the text that comes of it. `None` where it is another kind of help,
/// or where it leaves something to a person.
type Way = fn(&str, &Finding) -> Option<(&'static str, String)>;

const WAYS: &[Way] = &[
    keys::applied_to_formulas,
    keys::applied_to_kinds,
    keys::applied_to_answers,
    keys::applied_to_keys,
    keys::applied_to_declarations,
    names::applied,
    lines::applied_to_holds,
    lines::applied_otherwise,
    machine::applied_to_the_machine,
    names::applied_to_words,
];

/// Ways to apply a help that stands after another one, or beside it.
const OTHER_WAYS: &[Way] = &[rows::applied];

/// How many names one row can be the only one to use.
const LEFTOVERS_MAX: usize = 5;

/// Rules whose help only a person can follow, and what it leaves to them. Of every other rule that has a help, a fixture
/// shows help that is applied.
const FOR_PEOPLE: &[(&str, &str)] = &[
    ("T0108", "which of the documents is the table"),
    ("T0118", "what is promised"),
    ("T0120", "whether it is set or cleared there"),
    ("T0206", "another name"),
    ("T0208", "where a machine begins"),
    ("T0210", "which states the group has"),
    ("T0212", "by which argument the commands are told apart"),
    ("T0213", "another name"),
    ("T0214", "what to use instead"),
    ("T0302", "what the circle waits for"),
    ("T0307", "what can be left out of a table that is too large"),
    ("T0309", "where the state leads"),
    ("T0310", "what the state waits for"),
    ("T0312", "what success is"),
    ("T0406", "which of the answers is meant"),
    ("T0407", "where it is released"),
    ("T0408", "a clean-up, and when it is over"),
    ("T0410", "what is shown meanwhile"),
    ("T0411", "what the message decides"),
    ("T0412", "when the message is sent"),
    ("T0413", "where the failure leads"),
    ("T0414", "when the message is sent"),
    ("T0416", "what is asked for"),
    ("T0417", "what leads on at once"),
    ("T0419", "how long, and what comes then"),
    ("T0420", "which end comes of which way in"),
    ("T0423", "what the event decides"),
    ("T0424", "how long"),
    ("T0426", "where it is released"),
    ("T0427", "where it is released"),
    ("T0434", "which states set it"),
    ("T0435", "which event tells that the state is over"),
    ("T0505", "which of the observers decides"),
];

/// What was applied and what was not.
#[derive(Default)]
struct Tally {
    kinds: BTreeMap<&'static str, usize>,
    applied: BTreeSet<&'static str>,
    /// The codes with help that was applied nowhere, and the help.
    left: BTreeMap<&'static str, String>,
}

/// What is found in a text: severity, code and message of each.
fn keys(findings: &Findings) -> Vec<(migration_table::Severity, &'static str, String)> {
    findings.iter().map(|finding| (finding.severity, finding.code.0, finding.message.clone())).collect()
}

/// A row that is removed may have been the only one to use a name: the finding about that is new, and is mended as well.
fn without_leftovers(mut text: String, before: &Findings) -> String {
    let known = keys(before);
    for _ in 0..LEFTOVERS_MAX {
        let findings = load(&text).findings;
        let is_new = |finding: &&Finding| !known.iter().any(|(_, _, message)| *message == finding.message);
        let Some(leftover) = findings.iter().filter(|finding| finding.code.0 == "T0203").find(is_new) else { break };
        let Some((_, mended)) = lines::applied_otherwise(&text, leftover) else { break };
        text = mended;
    }
    text
}

/// Applies every help of a text that can be applied; counts the kinds. What the table was found to have before something
/// was changed in it may be found again. Returns what is wrong with a help, with the text that came of it.
fn try_all(name: &str, text: &str, was: &Findings, tally: &mut Tally) -> Vec<(String, String)> {
    let mut complaints = Vec::new();
    let before = load(text).findings;
    for finding in &before {
        let Some(help) = &finding.help else { continue };
        let first = WAYS.iter().find_map(|way| way(text, finding));
        let others = OTHER_WAYS.iter().filter_map(|way| way(text, finding));
        let ways: Vec<(&str, String)> = first.into_iter().chain(others).collect();
        if ways.is_empty() {
            tally.left.entry(finding.code.0).or_insert_with(|| help.clone());
        }
        for way in ways {
            complaints.extend(try_one(name, (finding, way), (&before, was), tally));
        }
    }
    complaints
}

/// Does what one help says; the kind of change and the text that comes of it are given. Returns what is wrong with it.
fn try_one(
    name: &str,
    (finding, (kind, mended)): (&Finding, (&'static str, String)),
    (before, was): (&Findings, &Findings),
    tally: &mut Tally,
) -> Option<(String, String)> {
    *tally.kinds.entry(kind).or_default() += 1;
    tally.applied.insert(finding.code.0);
    let mended = if kind == "remove the line" { without_leftovers(mended, before) } else { mended };
    let after = load(&mended).findings;
    let (known, old, now) = (keys(before), keys(was), keys(&after));
    let is_it = |(_, code, message): &&(_, &str, String)| *code == finding.code.0 && *message == finding.message;
    let (had, has) = (known.iter().filter(is_it).count(), now.iter().filter(is_it).count());
    // Text that is no YAML has no other findings until it is.
    let worse = now.iter().find(|key| key.0 <= finding.severity && !known.contains(key) && !old.contains(key));
    let is_first_look = finding.code.0 == "T0101";
    let (help, message) = (&finding.help, &finding.message);
    let complaint = if has >= had {
        format!("{name}: `{help:?}` does not mend `{message}`")
    } else if worse.is_some() && !is_first_look {
        format!("{name}: `{help:?}` of `{message}` brings {worse:?}")
    } else if is_first_look && now.iter().any(|key| key.1 == "T0101") {
        format!("{name}: {now:?}")
    } else {
        return None;
    };
    Some((complaint, mended))
}

#[test]
fn what_a_finding_proposes_mends_it_and_brings_nothing_as_bad() {
    let (mut tally, none) = (Tally::default(), Findings::default());
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    for folder in fs::read_dir(fixtures).unwrap() {
        for file in fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "yaml") {
                assert_eq!(
                    try_all(&path.display().to_string(), &fs::read_to_string(&path).unwrap(), &none, &mut tally),
                    []
                );
            }
        }
    }
    let expected = [
        "answer",
        "between",
        "did you mean",
        "drop",
        "drop not",
        "fix",
        "leave the full stop out",
        "hold",
        "outside",
        "precedence",
        "publish",
        "quotes",
        "quotes everywhere",
        "remove the line",
        "rename",
        "begin with a small letter",
        "rename statuses",
        "publish all",
        "happy path",
        "turn round",
        "leave more",
        "leave fewer",
    ];
    let missing: Vec<&&str> = expected.iter().filter(|kind| !tally.kinds.contains_key(**kind)).collect();
    let left: BTreeSet<&str> = tally.left.keys().copied().filter(|code| !tally.applied.contains(code)).collect();
    let for_people: BTreeSet<&str> = FOR_PEOPLE.iter().map(|(code, _)| *code).collect();
    assert_eq!(left, for_people, "left to people, and said to be so: {:?}", tally.left);
    assert!(missing.is_empty(), "no fixture shows {missing:?}: {:?}", tally.kinds);
}

#[test]
fn slips_in_small_tables_are_mended_as_is_proposed() {
    let (mut tally, none) = (Tally::default(), Findings::default());
    for text in super::exact::tables() {
        assert_eq!(try_all(&text, &text, &none, &mut tally), []);
    }
    assert!(tally.kinds.contains_key("a row of its own"), "{:?}", tally.kinds);
}

#[test]
fn slips_in_the_projects_table_are_mended_as_is_proposed() {
    let own = include_str!("../../../../states.yaml");
    let (mut tally, none) = (Tally::default(), Findings::default());
    let slips = [
        (", public: true }", " public: true }"),
        ("doc: \"waits", "doc: waits: "),
        ("    states:\n", "\tstates:\n"),
        ("after_ms: ", "after_ms: 0"),
        ("doc: \"the", "doc: \"\u{202e}the"),
    ];
    for (sound, slip) in slips {
        let text = own.replacen(sound, slip, 1);
        let text = if sound.ends_with("\"waits") { without_closing_quote(&text) } else { text };
        assert_ne!(text, own, "{sound}");
        assert_eq!(try_all(slip, &text, &none, &mut tally), []);
    }
    let expected = ["comma", "indent", "number", "remove the character", "text in quotes"];
    assert!(expected.iter().all(|kind| tally.kinds.contains_key(kind)), "{:?}", tally.kinds);
}

#[test]
fn single_slips_in_the_projects_table_are_mended_as_is_proposed() {
    let (mut tally, none) = (Tally::default(), Findings::default());
    // A row whose formula contradicts itself is not to be removed where only that row leads on.
    for (sound, slip, _) in SLIPS.iter().filter(|(_, _, code)| *code != "T0303") {
        assert_eq!(try_all(slip, &OWN.replacen(sound, slip, 1), &none, &mut tally), []);
    }
    let expected = ["did you mean", "answer", "space after the colon"];
    assert!(expected.iter().all(|kind| tally.kinds.contains_key(kind)), "{:?}", tally.kinds);
}

/// The fewest slips of each kind, of a hundred, that one finding mends when what it says is done. The others have a help that
/// leaves something to a person, or are right tables.
const MENDED_MIN: &[(&str, usize)] = &[
    // Of rows and answers, and of lines that begin a block, it is left to a person which of the two goes.
    ("a copied line", 79),
    ("two blanks too many", 98),
];

/// The machines in which slips of the pen are made, one with blocks of every kind and one with few.
const WITH_SLIPS: [&str; 2] = ["pod.yaml", "stream.yaml"];

#[test]
fn slips_of_the_pen_are_mended_as_is_proposed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/machines");
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for name in WITH_SLIPS {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        for kind in pen::KINDS {
            for (line, slip) in kind.slips(&text) {
                let findings = load(&slip).findings;
                let Some(first) = findings.iter().next() else { continue };
                let (all, mended) = counts.entry(kind.name).or_default();
                *all += 1;
                let Some((_, text)) = WAYS.iter().find_map(|way| way(&slip, first)) else { continue };
                let after = load(&text).findings;
                if after.is_empty() {
                    *mended += 1;
                } else {
                    let (said, now) = (&first.help, &after.iter().next().unwrap().message);
                    wrong.push(format!("{}: {line:?}: {said:?} leaves `{now}`", kind.name));
                }
            }
        }
    }
    let shares = counts.iter().map(|(name, (all, mended))| (*name, 100 * mended / all));
    let shares: Vec<(&str, usize)> = shares.collect();
    let fewest = |name: &str| MENDED_MIN.iter().find(|(known, _)| *known == name).map_or(100, |(_, share)| *share);
    assert!(shares.iter().all(|(name, share)| *share >= fewest(name)), "{counts:?}\n{}", wrong.join("\n"));
}

/// The tables of the repository that have no slip of their own, each with how many of its mutants are tried. Those of large
/// tables take long, and are tried only where somebody asks for all.
const TABLES: [(&str, usize); 15] = [
    ("../../states.yaml", 0),
    ("../../tests/tables/qemu-10.0.yaml", 0),
    ("../migration-cli/src/commands/init/states.yaml", 4),
    ("../migration-contract/tests/tables/precopy.yaml", 4),
    ("../migration-verify/tests/tables/chatter.yaml", 4),
    ("../migration-verify/tests/tables/link.yaml", 4),
    ("../migration-verify/tests/tables/propolis.yaml", 0),
    ("../migration-verify/tests/tables/spooler.yaml", 4),
    ("../migration-verify/tests/tables/till.yaml", 4),
    ("../migration-verify/tests/tables/two-phase-commit.yaml", 4),
    ("tests/fixtures/machines/job.yaml", 0),
    ("tests/fixtures/machines/pod.yaml", 4),
    ("tests/fixtures/machines/session.yaml", 4),
    ("tests/fixtures/machines/stream.yaml", 4),
    ("tests/fixtures/machines/unit.yaml", 4),
];

#[test]
fn slips_in_tables_of_every_sort_are_mended_as_is_proposed() {
    let mut tally = Tally::default();
    let mut wrong = Vec::new();
    // All mutants are tried where somebody asks for them: that takes half an hour.
    let is_all = std::env::var_os("ALL_MUTANTS").is_some();
    for (at, (path, many)) in TABLES.into_iter().enumerate() {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
        let was = load(&text).findings;
        let all = mutants::of(&text);
        let step = if is_all { 1 } else { all.len().checked_div(many).unwrap_or(all.len()).max(1) };
        if many == 0 && !is_all {
            continue;
        }
        // Not the same lines and keys of every table.
        for (number, mutant) in all.iter().enumerate().skip(at % step).step_by(step) {
            let name = format!("mutant {number} of {path}");
            wrong.extend(try_all(&name, mutant, &was, &mut tally).into_iter().map(|(complaint, _)| complaint));
        }
    }
    assert!(wrong.is_empty(), "{} of {:?}:\n{}", wrong.len(), tally.kinds, wrong.join("\n"));
    assert!(tally.kinds.values().sum::<usize>() > 20, "{:?}", tally.kinds);
}

/// The text without the quote that ended what now begins with `doc: waits: `.
fn without_closing_quote(text: &str) -> String {
    let at = text.find("doc: waits: ").unwrap();
    let end = at + text[at..].find('"').unwrap();
    format!("{}{}", &text[..end], &text[end + 1..])
}
