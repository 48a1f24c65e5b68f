//! The twenty properties: what they ask for, by which findings their faults show, or why they cannot show in a table.

pub(super) struct Property {
    pub(super) number: u8,
    /// The property, in one line.
    pub(super) title: &'static str,
    /// What the fault is, and what a table can show of it.
    pub(super) text: &'static str,
    /// The findings that show the fault; none where no check can.
    pub(super) signs: &'static [Sign],
}

/// A finding, by its code, by words that are all in its message, and by words of the line that it is about.
pub(super) struct Sign {
    pub(super) code: &'static str,
    pub(super) words: &'static [&'static str],
    pub(super) line: &'static str,
}

const fn sign(code: &'static str, words: &'static [&'static str]) -> Sign {
    Sign { code, words, line: "" }
}

const fn sign_at(code: &'static str, line: &'static str) -> Sign {
    Sign { code, words: &[], line }
}

const fn sign_of(code: &'static str, words: &'static [&'static str], line: &'static str) -> Sign {
    Sign { code, words, line }
}

pub(super) const PROPERTIES: &[Property] = &[
    Property {
        number: 1,
        title: "An accepted cancel ends in `cancelled`",
        text: "A completion or a failure that had not noticed the cancel writes its own end over `cancelling`. In the \
               table both it and the clean-up lead out of the cancelling state: nothing says which wins, and whichever \
               does, what was accepted is overruled during clean-up.",
        signs: &[
            sign("T0420", &["`cancelling"]),
            sign("T0401", &["`cleaned_up`", "`sent`", "`cancelling_late`"]),
            sign("T0401", &["`cleaned_up`", "`failed_unaware`"]),
        ],
    },
    Property {
        number: 2,
        title: "An end is published after clean-up",
        text: "Up to 10.2 every failure is published while everything is still held, and a new command can meet the \
               clean-up. The source of 11.0 cleans up in `failing` first; `completed` is still published before.",
        signs: &[sign("T0408", &["idle state `failed`"]), sign("T0408", &["idle state `completed`"])],
    },
    Property {
        number: 3,
        title: "Settings cannot be changed before the end",
        text: "Capabilities are refused on the source in every state that is not idle, which is right; the fault is that \
               an idle state comes too early, and that is P2. On the destination most are asked when they are needed, \
               and whoever sets one in the meantime changes the attempt: such a guard is not fixed. (`multifd` is: it \
               is refused once a source is awaited.) That parameters can be changed at any time is no part of the \
               machine: no state answers to that command.",
        signs: &[sign("T0421", &["may be changed during it"])],
    },
    Property {
        number: 4,
        title: "`cancelled` means cleaned up, while connecting too",
        text: "A cancel before there is a channel is declared done while the connection is still being made. Up to 10.2 \
               a `migrate` that follows at once is refused after its status was written, and nothing goes on in \
               `setup`: a refused command leaves no trace in a table, so the tables say it by an event from outside, \
               which leads to `setup_refused`. In 11.0 it ends the process, which no table says. The other half of the \
               fault, evidence of the old attempt that acts on the next one, cannot be said either: evidence belongs \
               to a visit.",
        signs: &[sign_of("T0408", &["idle state `cancelled`"], "from: cancelling_unconnected,")],
    },
    Property {
        number: 5,
        title: "A change that the code makes is made",
        text: "A write whose guard expects another state is lost without a word. Its row leads nowhere, so what it \
               should lead to is never entered (checkpoints in 10.0), or the machine stays where it was (a destination \
               that cannot set up checkpoints in 11.0). Post-copy that cannot start in 10.0 is state `stranded` of that \
               table: a cancel leads out of it, and nothing leads on.",
        signs: &[
            sign("T0301", &["`colo`"]),
            sign("T0203", &["`x_colo`"]),
            sign("T0305", &["`mute`"]),
            sign("T0309", &["`stranded`"]),
        ],
    },
    Property {
        number: 6,
        title: "Each side writes its own status",
        text: "The format has no way to write the status of another machine, so the fault cannot be made. Up to 10.2 the \
               destination does it; those tables show a state of the destination in its place, `misreported`, that \
               shows an end and is none.",
        signs: &[sign_at("T0410", "misreported:")],
    },
    Property {
        number: 7,
        title: "One event for one change",
        text: "A cancel that is repeated publishes `cancelling` again. With multifd, a second channel that notices an error \
               publishes `failed` again up to 10.2, and `failing` in 11.0. \
               A change without an event cannot be found where no status stands for it: in 9.0 a reconnection that \
               cannot connect is not announced.",
        signs: &[sign("T0409", &["would publish"])],
    },
    Property {
        number: 8,
        title: "The first cause wins, but a cancel beats the failures that it makes",
        text: "A failure that is made by the cancel overwrites it: the rows disagree. In 11.0 a cancel in `failing` turns \
               a failure into a cancel. Either way the end is still open while everything is being cleaned up.",
        signs: &[sign("T0401", &["`cleaned_up`", "`failed_unaware`"]), sign("T0420", &["may still end"])],
    },
    Property {
        number: 9,
        title: "Every passing state is left in bounded time",
        text: "A state from which no idle state can be reached is found, and so is one that waits for the guest or the \
               peer without a timeout: a guest that wants post-copy and never lets go of its devices. That a thread is \
               not woken is not in a table. In 10.0 checkpoints are never reached, so neither is the state in which they \
               hang.",
        signs: &[sign("T0305", &["no idle state can be reached"]), sign("T0419", &["without a bound"])],
    },
    Property {
        number: 10,
        title: "Never two sides that run the guest",
        text: "No check of one machine can show it: these releases have no message by which the guest is handed over. \
               Both sides together can, with what the stream carries said beside the tables. A cancel in the \
               switchover, while the device state is on its way, was recorded with 10.0.2 as \
               `cancel-in-switchover-40ms`. After an error only the lock of a disk keeps the source from going on. \
               `postcopy-device` of 10.2 mended the post-copy that nothing can recover.",
        signs: &[],
    },
    Property {
        number: 11,
        title: "Cancel is refused where the source cannot go on",
        text: "No check of one machine can show it: whether the source can go on depends on the destination. `quit` \
               still goes through `cancelling` in post-copy in all five; it ends the process, and is left out below.",
        signs: &[],
    },
    Property {
        number: 12,
        title: "A paused post-copy is not failed by a bad reconnection",
        text: "Such a row ends the attempt in an idle state while the half guest is still held. Up to 10.0 it is the \
               source, in 11.0 the destination.",
        signs: &[
            sign_of("T0408", &["idle state `failed`"], "from: postcopy_reconnecting,"),
            sign_of("T0408", &["idle state `failed`"], "from: postcopy_recover_setup,"),
            sign_of("T0408", &["idle state `failed`"], "from: postcopy_paused,"),
        ],
    },
    Property {
        number: 13,
        title: "`failed` and `completed` are final",
        text: "An end that is shown in a state that is not idle can be followed by another one: a new process that cannot \
               be started, a destination that still listens. An idle state that holds a listener is the same fault.",
        signs: &[sign_at("T0410", "executing:"), sign_at("T0410", "misreported:"), sign("T0407", &["`failed_open`"])],
    },
    Property {
        number: 14,
        title: "A command that fails leaves no trace",
        text: "An address on which nobody can listen leaves the destination in `setup` for ever. In 9.0 the command may \
               be given again there, which is a way out.",
        signs: &[sign("T0305", &["`deaf`"]), sign("T0426", &["`deaf`"])],
    },
    Property {
        number: 15,
        title: "Nothing leaks into the next attempt",
        text: "The end of an attempt clears all facts, so a fact that leaks cannot be written down in a table. What can \
               be asked is whether a command of one attempt acts in the next, over two attempts of either side.",
        signs: &[],
    },
    Property {
        number: 16,
        title: "Figures agree with the status",
        text: "No check can: figures are not in a table.",
        signs: &[],
    },
    Property {
        number: 17,
        title: "Nothing of an attempt outlives it",
        text: "Threads and memory are not in a table, so neither a check nor `verify` can see what they do after the end. \
               Where an attempt ends with something held (P2), something is left to outlive it. What `verify` can ask is \
               whether a message outlives its attempt; each attempt has a connection of its own.",
        signs: &[],
    },
    Property {
        number: 18,
        title: "Of simultaneous evidence one decides",
        text: "Where two kinds of evidence can be there together and lead to different places, the rows are ambiguous. \
               What remains after the precedence of these tables is the end of a cancel. Which thread may report when is \
               not in a table.",
        signs: &[sign("T0401", &["both enabled"])],
    },
    Property {
        number: 19,
        title: "Run state and status agree",
        text: "Whether the guest runs is not in these tables; it is said beside them by states, and `verify` compares \
               it with the status.",
        signs: &[],
    },
    Property {
        number: 20,
        title: "A snapshot takes a declared path",
        text: "A snapshot job uses the object of migrations: it waits while the end of the last attempt is still shown, \
               and ends without clean-up.",
        signs: &[sign_at("T0410", "_job:"), sign_at("T0408", "from: saving,")],
    },
];
