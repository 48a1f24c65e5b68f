//! Counterexamples as walks: what each host does on the run, as a test case of its machine.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use migration_replay::walk::{Action, Verb, Walk, Walker};
use migration_table::model::{FactId, FactSet, Kind, Machine, Table};
use migration_verify::{Counterexample, Outcome, Report, Told, What};

use crate::output::{say, write_result};

/// Saves the run of every property that fails: a walk for each host, named after the property and the host. Where a
/// property has several runs, all but the first have a number. Of a run beside a machine of another table, what the hosts
/// of this one do is saved, with the name of the other machine.
pub(super) fn save(
    (table, table_name): (&Table, &str),
    foreign: &[String],
    report: &Report,
    directory: &Path,
) -> Result<()> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let beside: String = foreign.iter().map(|machine| format!("-beside-{machine}")).collect();
    for verdict in report.verdicts.iter().filter(|verdict| verdict.is_new_failure()) {
        let Outcome::Fails(run) = &verdict.result else { continue };
        let many = seen.entry(&verdict.property).or_default();
        *many += 1;
        let number = if *many == 1 { String::new() } else { format!("-{many}") };
        let own = |(host, _): &(usize, &String)| !foreign.contains(&run.machines[*host]);
        for (host, name) in run.hosts.iter().enumerate().filter(own) {
            for (lives, walk) in walks(table, table_name, run, host)?.iter().enumerate() {
                let life = if lives == 0 { String::new() } else { format!("-life-{}", lives + 1) };
                let path = directory.join(format!("{}{number}{beside}-{name}{life}.walk", verdict.property));
                write_result(&path, &format!("# {}: {}\n{walk}", verdict.property, run.because))?;
                say(format_args!("wrote {}", path.display()));
            }
        }
    }
    Ok(())
}

/// What a host does on a run. A host that dies and is started again has another walk.
fn walks(table: &Table, table_name: &str, run: &Counterexample, host: usize) -> Result<Vec<Walk>> {
    let name = &run.machines[host];
    let machine = table.machine(name).with_context(|| format!("the table has no machine `{name}`"))?;
    let mut lives = vec![Walker::new(table, machine)];
    for told in run.steps.iter().filter(|step| step.host == Some(host)) {
        let Some(walker) = lives.last_mut() else { break };
        match &told.what {
            What::Raise { trigger, guards } => take(walker, Verb::Raise, trigger, guards, told)?,
            What::Report { event, guards } => take(walker, Verb::Report, event, guards, told)?,
            What::Receive { message } => take(walker, Verb::Report, message, &[], told)?,
            What::Restart => lives.push(Walker::new(table, machine)),
            What::Act { .. } | What::Cut | What::Disturb { .. } | What::Kill => {}
        }
    }
    let lives = lives.iter().filter(|walker| walker.steps() > 0);
    Ok(lives.map(|walker| walker.walk(table_name)).collect())
}

/// Takes a step so that the rows fire that fired on the run: guards that are asked anew are turned until they do.
fn take(walker: &mut Walker<'_>, verb: Verb, name: &str, fixed: &[String], told: &Told) -> Result<()> {
    let machine = walker.machine();
    let begins = machine.state(walker.run().state()).kind == Kind::Idle;
    let chosen: FactSet = fixed.iter().filter_map(|name| machine.fact_id(name)).collect();
    let kept = walker.guards() & machine.fixed_guards();
    let mut values: Vec<FactSet> = machine.open_guards().subsets().collect();
    values.sort_by_key(|value| value.len());
    for open in values {
        let mut next = walker.clone();
        turn(&mut next, if begins { chosen | open } else { kept | open })?;
        next.take(&Action { verb, name: name.to_owned() })?;
        if fires(machine, walker, &next, told) {
            *walker = next;
            return Ok(());
        }
    }
    bail!("no value of the guards makes `{name}` do in one step what it does on the run: it cannot be saved as a walk")
}

/// Turns the guards that have other values.
fn turn(walker: &mut Walker<'_>, wanted: FactSet) -> Result<()> {
    let (machine, now) = (walker.machine(), walker.guards());
    let action = |verb, id: FactId| Action { verb, name: machine.fact(id).name.clone() };
    let cleared = (now - wanted).iter().map(|id| action(Verb::Clear, id));
    let set = (wanted - now).iter().map(|id| action(Verb::Set, id));
    for action in cleared.chain(set) {
        walker.take(&action)?;
    }
    Ok(())
}

fn fires(machine: &Machine, before: &Walker<'_>, after: &Walker<'_>, told: &Told) -> bool {
    let fired = &after.run().fired()[before.run().fired().len()..];
    let is_same = |(row, told): (&usize, &migration_verify::FiredRow)| {
        let row = &machine.rows[*row];
        row.when == told.when && machine.state(row.to).name == told.to
    };
    fired.len() == told.rows.len() && fired.iter().zip(&told.rows).all(is_same)
}
