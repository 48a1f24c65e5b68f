//! A composition as a Promela model, so that SPIN can count the same configurations.
//!
//! The model is written out step by step: what a step does to channels and connections is said here once more, in
//! another language, and not taken from the search. Time is left out, and the network must be one that cuts.

mod queue;

use std::fmt::Write as _;

use crate::automaton::{Input, Step};
use crate::composition::Composition;
use crate::formula::Formula;
use queue::Queues;

/// Writes a composition as a Promela model. Run it with
/// `spin -a FILE && cc -O2 -DSAFETY -DNOREDUCE -o pan pan.c && ./pan -m10000000`.
#[must_use]
pub fn promela(composition: &Composition<'_>) -> String {
    let queues = Queues { depth: composition.bounds.depth, acceptors: composition.hosts.len() - 1 };
    let mut out = String::from("/* Generated: the machines of a table together. */\n");
    for (host, named) in composition.hosts.iter().enumerate() {
        let initial = composition.automaton(host).initial;
        let _ = writeln!(out, "short L{host} = {initial}; /* {} */\nbyte att{host} = 0;", named.name);
    }
    let _ = writeln!(out, "byte peer = 1;\nbyte kills = 0;");
    out.push_str(&queues.declarations());
    let idle = members("L0", &composition.automaton(0).idle);
    let _ = writeln!(out, "#define IDLE0 ({idle})");
    out.push_str(&queues.macros());
    out.push_str("active proctype system()\n{\nend:\n  do\n");
    for host in 0..composition.hosts.len() {
        for (local, steps) in composition.automaton(host).steps.iter().enumerate() {
            steps.iter().for_each(|step| write_step(&mut out, composition, &queues, (host, local), step));
        }
        write_deaths(&mut out, composition, &queues, host);
    }
    out.push_str(&queues.cuts());
    out.push_str("  od\n}\n");
    out
}

fn write_step(
    out: &mut String,
    composition: &Composition<'_>,
    queues: &Queues,
    (host, local): (usize, usize),
    step: &Step,
) {
    let automaton = composition.automaton(host);
    let mut guard = format!("L{host} == {local}");
    if let Input::Raise { .. } | Input::Report { .. } = step.input
        && step.begins
    {
        let _ = write!(guard, " && att{host} < {}", composition.bounds.attempts);
    }
    if let Input::Act(act) = step.input {
        let _ = write!(guard, " && {}", formula(&composition.acts[act].when));
    }
    let reads: Vec<(String, String)> = match step.input {
        Input::Receive { letter, .. } => queues.reads(host, letter, automaton.awaits[local]),
        Input::Raise { .. } | Input::Report { .. } | Input::Act(_) => vec![(String::new(), String::new())],
    };
    let is_choice = host == 0 && step.begins && composition.hosts.len() > 2;
    let peers = if is_choice { 1..composition.hosts.len() } else { 1..2 };
    for (condition, read) in &reads {
        for peer in peers.clone() {
            let mut effect = format!("{read}L{host} = {}; ", step.to);
            if step.begins {
                let _ = write!(effect, "att{host}++; ");
                if host == 0 && composition.hosts.len() > 1 {
                    let _ = write!(effect, "peer = {peer}; broken{peer} = 0; {}", queues.clear_back(peer));
                }
            }
            if step.reconnects {
                effect.push_str(&queues.for_peer(host, |acceptor| {
                    let anew = if host == 0 { queues.anew(acceptor) } else { String::new() };
                    let (there, back) = (queues.clear_there(acceptor), queues.clear_back(acceptor));
                    format!("{anew}broken{acceptor} = 0; {there}{back}")
                }));
            }
            for letter in &step.sends {
                effect.push_str(&queues.send(host, *letter));
            }
            if step.ends {
                effect.push_str(&close(queues, host));
            }
            effect.push_str("FORGET; ");
            let _ = writeln!(out, "  :: d_step {{ {guard}{condition} -> {effect}}}");
        }
    }
}

fn write_deaths(out: &mut String, composition: &Composition<'_>, queues: &Queues, host: usize) {
    let automaton = composition.automaton(host);
    let (down, initial) = (automaton.down, automaton.initial);
    if automaton.locals[usize::from(initial)].markers == 0 {
        let _ = writeln!(out, "  :: d_step {{ L{host} == {down} -> L{host} = {initial}; }}");
    }
    let most = composition.bounds.kills;
    let end = close(queues, host);
    let _ = writeln!(
        out,
        "  :: d_step {{ L{host} != {down} && kills < {most} -> kills++; L{host} = {down}; {end}FORGET; }}"
    );
}

fn close(queues: &Queues, host: usize) -> String {
    if host == 0 { queues.for_peer(0, |acceptor| queues.clear_back(acceptor)) } else { format!("bound{host} = 0; ") }
}

/// That a variable has one of the values that are marked.
fn members(variable: &str, marked: &[bool]) -> String {
    let values = marked.iter().enumerate().filter(|(_, is_marked)| **is_marked);
    let values: Vec<String> = values.map(|(value, _)| format!("{variable} == {value}")).collect();
    if values.is_empty() { "false".to_owned() } else { values.join(" || ") }
}

fn formula(of: &Formula) -> String {
    let join = |parts: &[Formula], word: &str| parts.iter().map(formula).collect::<Vec<_>>().join(word);
    match of {
        Formula::Some(atom) => {
            let any: Vec<String> =
                atom.hosts.iter().map(|(host, marked)| members(&format!("L{host}"), marked)).collect();
            format!("({})", any.join(" || "))
        }
        Formula::Not(inner) => format!("!{}", formula(inner)),
        Formula::And(parts) => format!("({})", join(parts, " && ")),
        Formula::Or(parts) => format!("({})", join(parts, " || ")),
    }
}
