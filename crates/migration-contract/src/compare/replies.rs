//! How a walk compares the replies to commands, and goes on behind them.

use super::indexed::{Answers, answers_to, by_command};
use super::walk::{Commands, Kind, Walk};

impl Walk<'_> {
    /// Notes what differs in the replies at a pair, and goes on behind those that both sides give.
    pub(super) fn look_at_commands(&mut self, pair: usize, commands: &Commands) {
        let (new, old) = (self.new_seen(pair), self.old_seen(pair));
        if new.replies.is_empty() {
            // The new side is about to show something and takes commands only then.
            return;
        }
        if old.replies.is_empty() {
            self.look_at_window(pair, commands);
            return;
        }
        let names = self.names;
        let (new_answers, old_answers) = (by_command(names, &new.replies), by_command(names, &old.replies));
        let none = Answers { command: 0, success: None, errors: Vec::new() };
        let state = self.pairs[pair].old;
        let is_given =
            |old: &&Answers| commands.contains(names.command(old.command)) && self.old.may_give(state, old.command);
        let old_answers: Vec<&Answers> = old_answers.iter().filter(is_given).collect();
        for old in old_answers {
            let answered = answers_to(&new_answers, old.command);
            // Behind an assumed step a client relies only on what was never refused; what the new side has no answer to there
            // was told already.
            let is_relied_on = self.pairs[pair].assumed == 0 || old.errors.is_empty() && answered.is_some();
            let new = answered.unwrap_or(&none);
            for kind in self.reply_kinds(new, old, is_relied_on) {
                self.found(pair, kind);
            }
            if let Some((_, old_to)) = old.success {
                if let Some((label, to)) = new.success {
                    self.step(pair, vec![label], to, old_to, false);
                }
                for (label, to) in &new.errors {
                    let same = old.errors.iter().find(|(known, _)| known == label).map(|(_, old_to)| *old_to);
                    // That the class is another one hides nothing behind it.
                    let errors: Vec<usize> = old.errors.iter().map(|(_, old_to)| *old_to).collect();
                    if let Some(old_to) = same.or_else(|| self.old.any_of(&errors)) {
                        self.step(pair, vec![*label], *to, old_to, false);
                    }
                }
            }
        }
    }

    /// The new side takes commands where the old one was about to show something: whatever it answers there comes before
    /// an event that came first. A client gives the commands that the old side could answer with success behind that.
    fn look_at_window(&mut self, pair: usize, commands: &Commands) {
        let names = self.names;
        let new_answers = by_command(names, &self.new_seen(pair).replies);
        let ahead = self.old.successes_ahead(self.old_seen(pair));
        for (command, members) in ahead.into_iter().filter(|(command, _)| commands.contains(names.command(*command))) {
            let Some(new) = answers_to(&new_answers, command) else { continue };
            if !new.errors.is_empty() {
                self.found(pair, Kind::MayBeRejected(names.command(command).to_string()));
            }
            if let Some((label, to)) = new.success {
                self.found(pair, Kind::Early(names.command(command).to_string()));
                let last = self.old_seen(pair).last;
                let old_to = self.old.among(members, last);
                self.step(pair, vec![label], to, old_to, true);
            }
        }
    }

    /// Whether the old side is about to show something at a pair and takes no command before it has.
    pub(super) fn was_about_to_show(&self, pair: usize) -> bool {
        let old = self.old_seen(pair);
        old.replies.is_empty() && !old.outputs.is_empty()
    }

    /// What differs in how a command is answered. Replies and events reach a client in one stream, so a reply is judged
    /// by what the stream has shown before it: a refusal to which the old machine comes only after an event excuses none
    /// before it. What a client does not see, the old machine may have done.
    fn reply_kinds(&self, new: &Answers, old: &Answers, is_relied_on: bool) -> Vec<Kind> {
        let mut kinds = Vec::new();
        let name = || self.names.command(old.command).to_string();
        if old.success.is_some() && new.success.is_none() {
            kinds.extend(is_relied_on.then(|| Kind::Rejected(name())));
        } else if old.success.is_some() && old.errors.is_empty() && !new.errors.is_empty() {
            kinds.push(Kind::MayBeRejected(name()));
        } else if old.success.is_none() && new.success.is_some() {
            kinds.push(Kind::Accepted(name()));
        }
        let is_other = |(label, _): &(usize, usize)| !old.errors.iter().any(|(known, _)| known == label);
        if !old.errors.is_empty() && new.errors.iter().any(is_other) {
            kinds.push(Kind::OtherError(name()));
        }
        kinds
    }
}
