//! A counterexample as text: a column for each host, and the messages between them.

use std::fmt::Write as _;

use super::{Counterexample, Fate, Passing, Told, What};

/// The narrowest column between two hosts.
const LINK_WIDTH_MIN: usize = 19;

impl Counterexample {
    /// Writes the run for a person: a line for each step, with the state of a host where it changes.
    #[must_use]
    pub fn text(&self) -> String {
        let widths: Vec<usize> = (0..self.hosts.len()).map(|host| self.width(host)).collect();
        let natural = self.steps.iter().flat_map(|step| &step.messages).map(|message| arrow(message, 0).len());
        let link = natural.max().unwrap_or(0).max(LINK_WIDTH_MIN);
        let mut out = String::from("    ");
        for (host, name) in self.hosts.iter().enumerate() {
            let _ = write!(out, " {name:<width$}", width = widths[host]);
            if host + 1 < self.hosts.len() {
                let _ = write!(out, " {:<link$}", "");
            }
        }
        out.truncate(out.trim_end().len());
        out.push('\n');
        let mut before: Vec<&str> = vec![""; self.hosts.len()];
        for (number, step) in self.steps.iter().enumerate() {
            if self.repeats_from == Some(number) {
                out.push_str("     from here it repeats for ever:\n");
            }
            let shown = step.states.iter().zip(&before).enumerate();
            let shown = shown.map(
                |(host, (state, before))| {
                    if *before == state && step.host != Some(host) { "" } else { state.as_str() }
                },
            );
            let shown: Vec<&str> = shown.collect();
            self.lines(&mut out, number, step, &shown, (&widths, link));
            before = step.states.iter().map(String::as_str).collect();
        }
        self.end(&mut out);
        out
    }

    /// Writes a step: one line, and one more for each further message.
    fn lines(&self, out: &mut String, number: usize, step: &Told, shown: &[&str], (widths, link): (&[usize], usize)) {
        let between = |acceptor: usize| {
            let messages = step.messages.iter().filter(move |message| message.from.max(message.to) == acceptor);
            messages.map(|message| arrow(message, link)).collect::<Vec<_>>()
        };
        let arrows: Vec<Vec<String>> = (1..self.hosts.len()).map(between).collect();
        let count = arrows.iter().map(Vec::len).max().unwrap_or(0).max(1);
        for at in 0..count {
            let mut line = if at == 0 { format!("{:>3} ", number + 1) } else { "    ".to_owned() };
            for (host, state) in shown.iter().enumerate() {
                let _ = write!(line, " {:<width$}", if at == 0 { state } else { "" }, width = widths[host]);
                if let Some(arrows) = arrows.get(host) {
                    let _ = write!(line, " {:<link$}", arrows.get(at).map_or("", String::as_str));
                }
            }
            if at == 0 {
                let _ = write!(line, "  {}", self.what(step));
            }
            let _ = writeln!(out, "{}", line.trim_end());
        }
    }

    fn end(&self, out: &mut String) {
        let _ = writeln!(out, "{}", self.because);
        for (host, end) in self.hosts.iter().zip(&self.at_the_end) {
            let _ = write!(out, "  {host} is in `{}`", end.state);
            if !end.markers.is_empty() {
                let _ = write!(out, " [{}]", end.markers.join(", "));
            }
            if !end.waits_for.is_empty() {
                let _ = write!(out, "; only {} can change that", list(&end.waits_for));
            }
            out.push('\n');
        }
        for (host, saw) in self.hosts.iter().zip(&self.clients_saw) {
            if !saw.is_empty() {
                let _ = writeln!(out, "  clients of {host} saw: {}", saw.join(" "));
            }
        }
    }

    /// Returns what happens in a step, counted from 0, in words.
    #[must_use]
    pub fn words(&self, step: usize) -> String {
        self.what(&self.steps[step])
    }

    fn width(&self, host: usize) -> usize {
        let states = self.steps.iter().map(|step| step.states[host].len());
        states.max().unwrap_or(0).max(self.hosts[host].len())
    }

    /// What happens in a step, with the lines of the table.
    fn what(&self, step: &Told) -> String {
        let host = step.host.map_or("the network", |host| self.hosts[host].as_str());
        let mut text = match &step.what {
            What::Raise { trigger, guards } if guards.is_empty() => format!("{host}: user `{trigger}`"),
            What::Raise { trigger, guards } => format!("{host}: user `{trigger}` [{}]", guards.join(", ")),
            What::Report { event, guards } if guards.is_empty() => format!("{host}: `{event}`"),
            What::Report { event, guards } => format!("{host}: `{event}` [{}]", guards.join(", ")),
            What::Receive { message } => format!("{host} hears `{message}`"),
            What::Act { act } => format!("operator at {host}: {act}"),
            What::Cut => "the connection breaks".to_owned(),
            What::Disturb { how } => format!("the network {how}"),
            What::Kill => format!("{host} dies"),
            What::Restart => format!("{host} is started again"),
        };
        for (number, row) in step.rows.iter().enumerate() {
            let line = row.line;
            let _ = write!(text, "{} {line}", if number == 0 { "  (line" } else { "," });
        }
        if !step.rows.is_empty() {
            let table = step.host.and_then(|host| self.tables.get(host)?.as_deref());
            table.iter().for_each(|table| text.push_str(&format!(" of {table}")));
            text.push(')');
        }
        for host in self.changed_markers(step) {
            let markers = &step.markers[host];
            let what = if markers.is_empty() { "nothing".to_owned() } else { markers.join(", ") };
            let _ = write!(text, " => {}: {what}", self.hosts[host]);
        }
        text
    }

    /// The hosts whose markers differ from those of the step before.
    fn changed_markers(&self, step: &Told) -> Vec<usize> {
        let at = self.steps.iter().position(|other| std::ptr::eq(other, step)).unwrap_or(0);
        let Some(before) = at.checked_sub(1).map(|before| &self.steps[before]) else { return Vec::new() };
        (0..self.hosts.len()).filter(|host| before.markers[*host] != step.markers[*host]).collect()
    }
}

/// A message as an arrow of this width, or of its natural width where that is more.
fn arrow(message: &Passing, width: usize) -> String {
    let name = &message.message;
    let is_there = message.from < message.to;
    let fill = |used: usize, with: &str| with.repeat(width.saturating_sub(name.len() + used).max(2));
    match (message.fate, is_there) {
        (Fate::Sent, true) => format!("-- {name} {}", fill(5, ".")),
        (Fate::Sent, false) => format!("{} {name} --", fill(4, ".")),
        (Fate::Arrives, true) => format!(".. {name} {}>", fill(5, "-")),
        (Fate::Arrives, false) => format!("<{} {name} ..", fill(5, "-")),
        (Fate::PassedOver, true) => format!(".. {name} {}|", fill(5, "-")),
        (Fate::PassedOver, false) => format!("|{} {name} ..", fill(5, "-")),
        (Fate::Lost, true) => format!("-- {name} --x"),
        (Fate::Lost, false) => format!("{:>width$}", format!("x-- {name} --")),
    }
}

fn list(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}
