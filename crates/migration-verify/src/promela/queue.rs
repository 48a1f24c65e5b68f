//! The channels of a Promela model: a variable for each place of each queue.
//!
//! `tI_K` and `cI_K` are the letter and the connection of the message at place K on its way to acceptor I, `bI_K` the
//! letter of one on its way back; 0 is an empty place.

use std::fmt::Write as _;

/// The channels between the first host and the acceptors.
pub(super) struct Queues {
    pub(super) depth: usize,
    pub(super) acceptors: usize,
}

impl Queues {
    pub(super) fn declarations(&self) -> String {
        let mut out = String::new();
        for host in 1..=self.acceptors {
            let _ = writeln!(out, "byte bound{host} = 0; byte last{host} = 0; byte broken{host} = 0;");
            for place in 0..self.depth {
                let _ = writeln!(out, "byte t{host}_{place} = 0; byte c{host}_{place} = 0; byte b{host}_{place} = 0;");
            }
        }
        out
    }

    /// `FORGET`: messages that nobody can read any more are taken away.
    pub(super) fn macros(&self) -> String {
        let mut out = String::from("inline nothing() { skip }\n#define FORGET ");
        for host in 1..=self.acceptors {
            for place in 0..self.depth {
                let _ = write!(
                    out,
                    "if :: t{host}_{place} != 0 && c{host}_{place} != bound{host} && c{host}_{place} <= last{host} -> \
                     t{host}_{place} = 0; c{host}_{place} = 0 :: else fi; "
                );
            }
            out.push_str(&self.close_gaps(host));
        }
        out.push_str("skip\n");
        out
    }

    fn close_gaps(&self, host: usize) -> String {
        let mut out = String::new();
        for _ in 1..self.depth {
            for place in 1..self.depth {
                let before = place - 1;
                let _ = write!(
                    out,
                    "if :: t{host}_{before} == 0 && t{host}_{place} != 0 -> t{host}_{before} = t{host}_{place}; \
                     c{host}_{before} = c{host}_{place}; t{host}_{place} = 0; c{host}_{place} = 0 :: else fi; "
                );
            }
        }
        out
    }

    pub(super) fn clear_back(&self, host: usize) -> String {
        (0..self.depth).map(|place| format!("b{host}_{place} = 0; ")).collect()
    }

    pub(super) fn clear_there(&self, host: usize) -> String {
        (0..self.depth).map(|place| format!("t{host}_{place} = 0; c{host}_{place} = 0; ")).collect()
    }

    /// Lets another attempt of an acceptor take the new connection of the attempt of the first host.
    pub(super) fn anew(&self, host: usize) -> String {
        format!("if :: last{host} == att0 -> last{host} = att0 - 1 :: else fi; ")
    }

    /// Does something to the connection of a host: of the first host it is the one to its peer.
    pub(super) fn for_peer(&self, host: usize, what: impl Fn(usize) -> String) -> String {
        if host != 0 {
            return what(host);
        }
        let cases: Vec<String> =
            (1..=self.acceptors).map(|peer| format!(":: peer == {peer} -> {}skip ", what(peer))).collect();
        if cases.is_empty() { String::new() } else { format!("if {}:: else fi; ", cases.concat()) }
    }

    pub(super) fn send(&self, host: usize, letter: u8) -> String {
        let code = letter + 1;
        if host == 0 {
            return self.for_peer(0, |peer| {
                let full = format!("broken{peer} = broken{peer} | 1");
                let put = |place: usize| format!("t{peer}_{place} = {code}; c{peer}_{place} = att0");
                let push = self.push(&format!("t{peer}_"), &put, &full);
                format!("if :: (broken{peer} & 1) == 0 -> {push} :: else fi; ")
            });
        }
        let full = format!("broken{host} = broken{host} | 2");
        let put = |place: usize| format!("b{host}_{place} = {code}");
        let push = self.push(&format!("b{host}_"), &put, &full);
        format!(
            "if :: !IDLE0 && bound{host} != 0 && bound{host} == att0 && peer == {host} && (broken{host} & 2) == 0 -> {push} \
             :: else fi; "
        )
    }

    fn push(&self, name: &str, put: &dyn Fn(usize) -> String, full: &str) -> String {
        let mut cases = String::new();
        for place in 0..self.depth {
            let before = if place == 0 { "true".to_owned() } else { format!("{name}{} != 0", place - 1) };
            let _ = write!(cases, ":: {before} && {name}{place} == 0 -> {} ", put(place));
        }
        format!("if {cases}:: {name}{} != 0 -> {full} fi", self.depth - 1)
    }

    /// For each place that a message can be read from: when it is the first that is awaited, and what reading does.
    pub(super) fn reads(&self, host: usize, letter: u8, awaited: u64) -> Vec<(String, String)> {
        let is_awaited = |name: &str| {
            let letters = (0..64_u8).filter(|letter| awaited >> letter & 1 == 1);
            let letters: Vec<String> = letters.map(|letter| format!("{name} == {}", letter + 1)).collect();
            format!("({})", letters.join(" || "))
        };
        let mut found = Vec::new();
        for acceptor in if host == 0 { 1..self.acceptors + 1 } else { host..host + 1 } {
            let of = if host == 0 { "b" } else { "t" };
            for place in 0..self.depth {
                let own = |place: usize| match host {
                    0 => "true".to_owned(),
                    _ => {
                        format!("(c{host}_{place} == bound{host} || bound{host} == 0 && c{host}_{place} > last{host})")
                    }
                };
                let mut condition = if host == 0 { format!(" && peer == {acceptor}") } else { String::new() };
                for before in 0..place {
                    let _ = write!(
                        condition,
                        " && !({} && {})",
                        is_awaited(&format!("{of}{acceptor}_{before}")),
                        own(before)
                    );
                }
                let _ = write!(condition, " && {of}{acceptor}_{place} == {} && {}", letter + 1, own(place));
                found.push((condition, self.take(host, acceptor, place)));
            }
        }
        found
    }

    /// Takes the message at a place, and those before it on the same connection.
    fn take(&self, host: usize, acceptor: usize, place: usize) -> String {
        let mut out = String::new();
        if host == 0 {
            for to in 0..self.depth {
                let from = to + place + 1;
                let value = if from < self.depth { format!("b{acceptor}_{from}") } else { "0".to_owned() };
                let _ = write!(out, "b{acceptor}_{to} = {value}; ");
            }
            return out;
        }
        let _ = write!(
            out,
            "bound{host} = c{host}_{place}; if :: bound{host} > last{host} -> last{host} = bound{host} :: else fi; "
        );
        for at in 0..=place {
            let _ = write!(out, "if :: c{host}_{at} <= bound{host} -> t{host}_{at} = 0; c{host}_{at} = 0 :: else fi; ");
        }
        out + &self.close_gaps(host)
    }

    /// A connection breaks in one direction, and so many messages still arrive.
    pub(super) fn cuts(&self) -> String {
        let mut out = String::new();
        for host in 1..=self.acceptors {
            for (bit, name) in [(1, "t"), (2, "b")] {
                let open = format!("(att0 > 0 && peer == {host} && !IDLE0 || {name}{host}_0 != 0)");
                for left in 0..=self.depth {
                    let there = if left == 0 { "true".to_owned() } else { format!("{name}{host}_{} != 0", left - 1) };
                    let mut lost = String::new();
                    for place in left..self.depth {
                        let _ = write!(lost, "{name}{host}_{place} = 0; ");
                        if name == "t" {
                            let _ = write!(lost, "c{host}_{place} = 0; ");
                        }
                    }
                    let _ = writeln!(
                        out,
                        "  :: d_step {{ (broken{host} & {bit}) == 0 && {open} && {there} -> broken{host} = broken{host} | {bit}; {lost}}}"
                    );
                }
            }
        }
        out
    }
}
