//! Declarations to a table: every name is looked up, and what it means is written down in its place.
//!
//! Two steps. First all names are judged and everything that is wrong about them is reported; then, only if nothing
//! was wrong, the table is bound together, which needs no reports any more but for what is too large.

mod bind;
mod declared;
mod ends;
mod groups;
mod joint;
mod negated;
mod public;
mod references;
mod scope;
mod space;
mod spelling;
mod unused;

use crate::check;
use crate::declare::TableDecl;
use crate::finding::Findings;
use crate::model::Table;
use scope::Scope;

/// Resolves the declarations. None if something about them, or about the text they come from, is wrong.
pub(crate) fn resolve(table: &TableDecl, out: &mut Findings) -> Option<Table> {
    declared::judge(table, out);
    let mut scope = Scope::of_table(table);
    references::judge(table, &mut scope, out);
    public::judge(table, &mut scope, out);
    joint::judge(table, &mut scope, out);
    scope.report(out);
    if out.has_errors() {
        return None;
    }
    unused::judge(table, &scope, out);
    check::run_declared(table, out);
    bind::bind(table, out)
}
