//! A counterexample as a sequence diagram for Mermaid.

use std::fmt::Write as _;

use super::{Counterexample, Fate, Told, What};

impl Counterexample {
    /// Writes runs one after the other as one Mermaid `sequenceDiagram`, each under its title. They are runs of the same
    /// hosts.
    #[must_use]
    pub fn mermaid_of(runs: &[(&str, &Counterexample)]) -> String {
        let Some((_, first)) = runs.first() else { return String::new() };
        let mut out = String::from("sequenceDiagram\n");
        for (number, host) in first.hosts.iter().enumerate() {
            let _ = writeln!(out, "    participant h{number} as {host}");
        }
        let last = first.hosts.len().saturating_sub(1);
        for (title, run) in runs {
            if runs.len() > 1 {
                let _ = writeln!(out, "    Note over h0,h{last}: {}", escaped(title));
            }
            run.write_steps(&mut out);
        }
        out
    }

    fn write_steps(&self, out: &mut String) {
        let mut before: Vec<&str> = vec![""; self.hosts.len()];
        for (number, step) in self.steps.iter().enumerate() {
            if self.repeats_from == Some(number) {
                out.push_str("    Note over h0: from here it repeats for ever\n");
            }
            write_step(out, step, self.hosts.len());
            for (host, state) in step.states.iter().enumerate() {
                if before[host] != state {
                    let _ = writeln!(out, "    Note over h{host}: {}", escaped(state));
                }
                before[host] = state;
            }
        }
        let _ = writeln!(out, "    Note over h0: {}", escaped(&self.because));
    }
}

fn write_step(out: &mut String, step: &Told, hosts: usize) {
    for message in &step.messages {
        let arrow = match message.fate {
            Fate::Sent => "--)",
            Fate::Arrives | Fate::PassedOver => "->>",
            Fate::Lost => "-x",
        };
        let _ = writeln!(out, "    h{}{arrow}h{}: {}", message.from, message.to, escaped(&message.message));
    }
    let host = step.host.unwrap_or(0);
    let note = match &step.what {
        What::Raise { trigger, .. } => format!("user: {trigger}"),
        What::Report { event, .. } => event.clone(),
        What::Act { act } => format!("operator: {act}"),
        What::Kill => "dies".to_owned(),
        What::Restart => "is started again".to_owned(),
        What::Cut | What::Disturb { .. } => {
            let last = hosts.saturating_sub(1);
            let _ = writeln!(out, "    Note over h0,h{last}: the connection breaks");
            return;
        }
        What::Receive { .. } => return,
    };
    let _ = writeln!(out, "    Note right of h{host}: {}", escaped(&note));
}

/// Mermaid ends a text at `;` and takes `#` for an entity.
fn escaped(text: &str) -> String {
    text.replace('#', "#35;").replace(';', "#59;")
}
