//! From text to a sound table: the stages in their order, and when each of them is worth running.

use crate::check::{Check, Notes};
use crate::declare::TableDecl;
use crate::finding::{Finding, Findings, Severity};
use crate::model::Table;
use crate::{check, declare, mend, resolve, syntax};

/// What became of a text.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The table, if its text could be read and its names resolved. It is fit for use only if there are no errors.
    pub table: Option<Table>,
    /// Everything that is to be said about it.
    pub findings: Findings,
}

/// Reads, resolves and checks a table, and says everything that is to be said about it at once.
///
/// Whether the table keeps its guarantees is not decided here, since that needs its public side: programs call
/// `load` of `migration-contract`, which does everything that this function does and that as well.
///
/// A stage runs only on what the stage before could make sense of, so that one mistake is reported once: text that is
/// not YAML has no keys to judge, and a table with a row that cannot be read has no unreachable states yet.
#[must_use]
pub fn load(text: &str) -> Loaded {
    load_with(text, Notes::LeftOut)
}

/// As [`load`], and on request also says what is worth knowing although nothing is wrong.
#[must_use]
pub fn load_with(text: &str, notes: Notes) -> Loaded {
    load_checked(text, notes, &[])
}

/// As [`load_with`], with checks of the crates above this one, which know more of a table.
#[must_use]
pub fn load_checked(text: &str, notes: Notes, further: &'static [Check]) -> Loaded {
    let mut findings = Findings::default();
    let Some(mut declarations) = declared(text, &mut findings) else { return Loaded { table: None, findings } };
    let judge = |declarations: &TableDecl, findings: &mut Findings| {
        let table = resolve::resolve(declarations, findings);
        table.iter().for_each(|table| check::run_with(table, notes, further, findings));
        table
    };
    let mut table = judge(&declarations, &mut findings);
    if table.is_none()
        && let Some((changed, finding)) = exchanged(text, &findings)
    {
        (declarations, findings) = (changed, Findings::default());
        findings.push(finding);
        table = judge(&declarations, &mut findings);
    }
    let judge_changed = |changed: &TableDecl| {
        let mut findings = Findings::default();
        (judge(changed, &mut findings), findings)
    };
    match table {
        Some(_) => mend::apply(&declarations, &judge_changed, &mut findings),
        None => mend::settle(&declarations, &judge_changed, &mut findings),
    }
    check::same(&mut findings);
    Loaded { table, findings }
}

/// Reads, resolves and checks the table in the bytes of a file. Returns the text that the findings are about as well: a
/// file that is not UTF-8 has a finding, and a text in which a reader recognises it.
#[must_use]
pub fn load_bytes(bytes: &[u8]) -> (String, Loaded) {
    from_bytes(bytes, load)
}

/// Returns the text of a file, and what `load` makes of it if it is UTF-8.
pub fn from_bytes(bytes: &[u8], load: impl FnOnce(&str) -> Loaded) -> (String, Loaded) {
    let (text, finding) = syntax::decode(bytes);
    let loaded = match finding {
        None => load(&text),
        Some(finding) => {
            let mut findings = Findings::default();
            findings.push(finding);
            Loaded { table: None, findings }
        }
    };
    (text.into_owned(), loaded)
}

/// Reads and resolves a table without asking whether it is sound: the first part of [`load`], which [`check::run`]
/// completes.
#[must_use]
pub fn read(text: &str) -> Loaded {
    let mut findings = Findings::default();
    let table = declared(text, &mut findings);
    let table = table.and_then(|declarations| resolve::resolve(&declarations, &mut findings));
    Loaded { table, findings }
}

/// With fewer errors than this, two lines that are exchanged are not looked for.
const EXCHANGED_MIN: usize = 2;

/// Finds the two lines of a text with many errors that are exchanged: if they stood right, there would be no error. Nothing
/// is found where that is so of several.
fn exchanged(text: &str, found: &Findings) -> Option<(TableDecl, Finding)> {
    if found.iter().filter(|finding| finding.severity == Severity::Error).count() < EXCHANGED_MIN {
        return None;
    }
    let root = syntax::parse(text, declare::WORDS, &mut Findings::default())?;
    let sound = |(mut root, finding)| {
        let mut findings = Findings::default();
        let declarations = declare::decode(&mut root, &mut findings)?;
        resolve::resolve(&declarations, &mut findings);
        (!findings.has_errors()).then_some((declarations, finding))
    };
    let mut all = declare::exchanges(&root).filter_map(sound);
    all.next().filter(|_| all.next().is_none())
}

/// Reads the declarations of a table.
fn declared(text: &str, findings: &mut Findings) -> Option<TableDecl> {
    let mut root = syntax::parse(text, declare::WORDS, findings)?;
    declare::decode(&mut root, findings)
}
