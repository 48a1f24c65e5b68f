//! Timeouts of states, given on the command line instead of the table's defaults.

use std::str::FromStr;
use std::time::Duration;

use migration_runtime::machine::Machine;
use migration_runtime::states::destination::{self, Destination};
use migration_runtime::states::source::{self, Source};
use migration_runtime::wire::Ready;
use thiserror::Error;

/// The time that a peer may be silent in one state of either machine: `STATE=MILLISECONDS`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateTimeout {
    // Invariant: at least one is there, and has a timeout in the table.
    source: Option<source::State>,
    destination: Option<destination::State>,
    after: Duration,
}

/// Why a text is not the timeout of a state.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TimeoutError {
    /// There is no `=` in it.
    #[error("must be STATE=MILLISECONDS, such as `active=5000`")]
    Shape,
    /// No machine has the state.
    #[error("there is no state `{0}` (states with a timeout: {states})", states = states())]
    Unknown(String),
    /// The table gives the state no timeout, so no row handles one.
    #[error("state `{0}` has no timeout (states with a timeout: {states})", states = states())]
    Endless(String),
    /// The destination would stand by for longer than a source waits for it.
    #[error("a destination can stand by for at most {max} milliseconds: a source waits no longer", max = Ready::STANDS_BY_MAX.as_millis())]
    StandsBy,
    /// The time is not a number from 1 to `u32::MAX`.
    #[error("`{0}` is not a number of milliseconds from 1 to {max}", max = u32::MAX)]
    Milliseconds(String),
}

impl StateTimeout {
    /// Sets it in the machines, from their next visit of the state on.
    pub fn set(&self, source: &Machine<Source>, destination: &Machine<Destination>) {
        if let Some(state) = self.source {
            source.set_timeout(state, self.after);
        }
        if let Some(state) = self.destination {
            destination.set_timeout(state, self.after);
        }
    }
}

impl FromStr for StateTimeout {
    type Err = TimeoutError;

    fn from_str(text: &str) -> Result<Self, TimeoutError> {
        let (name, after) = text.split_once('=').ok_or(TimeoutError::Shape)?;
        let source = source::State::ALL.iter().copied().find(|state| state.name() == name);
        let destination = destination::State::ALL.iter().copied().find(|state| state.name() == name);
        if source.is_none() && destination.is_none() {
            return Err(TimeoutError::Unknown(name.to_owned()));
        }
        let source = source.filter(|state| state.timeout().is_some());
        let destination = destination.filter(|state| state.timeout().is_some());
        if source.is_none() && destination.is_none() {
            return Err(TimeoutError::Endless(name.to_owned()));
        }
        let milliseconds = after.parse::<u32>().ok().filter(|milliseconds| *milliseconds > 0);
        let milliseconds = milliseconds.ok_or_else(|| TimeoutError::Milliseconds(after.to_owned()))?;
        let after = Duration::from_millis(milliseconds.into());
        let stands_by = [destination::State::StandingBy, destination::State::PostcopyStandingBy];
        if destination.is_some_and(|state| stands_by.contains(&state)) && after > Ready::STANDS_BY_MAX {
            return Err(TimeoutError::StandsBy);
        }
        Ok(Self { source, destination, after })
    }
}

/// Lists the states that have a timeout, for messages.
fn states() -> String {
    let source = source::State::ALL.iter().filter(|state| state.timeout().is_some()).map(|state| state.name());
    let destination =
        destination::State::ALL.iter().filter(|state| state.timeout().is_some()).map(|state| state.name());
    let mut list: Vec<String> = Vec::new();
    for name in source.chain(destination).map(|name| format!("`{name}`")) {
        // Both machines have some names.
        if !list.contains(&name) {
            list.push(name);
        }
    }
    list.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        text.parse::<StateTimeout>().unwrap_err().to_string()
    }

    #[test]
    fn a_state_of_either_machine_is_found() {
        let after = Duration::from_millis(5);
        let timeout = StateTimeout { source: Some(source::State::HandingOver), destination: None, after };
        assert_eq!("handing_over=5".parse(), Ok(timeout));
        let timeout = StateTimeout { source: None, destination: Some(destination::State::StandingBy), after };
        assert_eq!("standing_by=5".parse(), Ok(timeout));
    }

    #[test]
    fn every_mistake_says_what_would_be_right() {
        assert_eq!(error("active"), "must be STATE=MILLISECONDS, such as `active=5000`");
        assert!(error("moving=5").starts_with("there is no state `moving` (states with a timeout: `connecting`, "));
        assert!(error("stopping=5").starts_with("state `stopping` has no timeout (states with a timeout: "));
        assert_eq!(
            error("failed=5").matches("`postcopy_device`").count(),
            1,
            "both machines have a state of this name"
        );
        assert!(error("failed=5").contains("`listening`, `loading`, `standing_by`, `postcopy_standing_by`, "));
        assert_eq!("standing_by=600000".parse::<StateTimeout>().map(drop), Ok(()));
        for state in ["standing_by", "postcopy_standing_by"] {
            assert!(error(&format!("{state}=600001")).contains("at most 600000 milliseconds"));
        }
        for bad in ["", "0", "-1", "1.5", "5s", "4294967296"] {
            assert!(error(&format!("active={bad}")).contains("milliseconds"), "{bad}");
        }
    }
}
