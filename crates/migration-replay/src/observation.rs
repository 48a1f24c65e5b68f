//! What can be seen of a process from outside: the words in which a recording is retold.

/// Something that was seen to happen to one process.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Observation {
    /// The process began, as far as it is known how.
    Started(Start),
    /// A command was sent to it.
    Command(Command),
    /// It answered a command; `id` is the one that the command was observed with.
    Reply {
        /// Which command is answered.
        id: u64,
        /// What it said.
        reply: Reply,
    },
    /// It was decided what a command is answered, whatever is seen before the answer is; no [`Observation::Reply`]
    /// follows. Evidence of differences says it so.
    Decided {
        /// Which command is answered.
        id: u64,
        /// What is said.
        reply: Reply,
    },
    /// It published a status.
    Published(String),
    /// It came to show a status, and somebody noticed who does not depend on events: a trace does.
    Changed(String),
    /// It is being ended from outside, or is ending itself, without a command that says so.
    Ending,
    /// It is gone.
    Exited,
}

/// How a process began.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Start {
    /// With nothing going on: every machine is in its initial state.
    Fresh,
    /// With nothing going on, and with these settings on or off, named as clients name them; the others may be
    /// anything. Statuses are published, unless the capability `events` is among them and off.
    Set(Vec<(String, bool)>),
    /// Told on its command line to wait for a guest at once.
    Listening,
    /// Either of the two: the recording does not say.
    FreshOrListening,
    /// Long ago: the machines may be anywhere, and capabilities may be anything. Statuses are published.
    LongAgo,
    /// Long ago, and this is the status that it shows; none before the first migration.
    Showing(Option<String>),
}

/// A command and what matters of its arguments.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Command {
    /// Tells it from all other commands to the same process.
    pub id: u64,
    /// The QMP name, for example `migrate_cancel`.
    pub name: String,
    /// Arguments that are texts, numbers or booleans, as they are written.
    pub arguments: Vec<(String, String)>,
    /// Capabilities that it switches on or off.
    pub capabilities: Vec<(String, bool)>,
    /// Whether it may be carried out beside other commands; otherwise commands are carried out one after the other.
    pub out_of_band: bool,
    /// Whether it came through a human's monitor, whose replies do not say whether a command was refused.
    pub human: bool,
}

/// What was said to a command.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    /// Success.
    Done,
    /// Success, with the status that a client is shown; none before the first migration.
    Status(Option<String>),
    /// Success, with capabilities as they are.
    Capabilities(Vec<(String, bool)>),
    /// Something that cannot be read: success or an error.
    Unreadable,
    /// An error, with its class where the recording tells it.
    Refused(Option<String>),
    /// An error: the process does not know such a command.
    Unknown,
}
