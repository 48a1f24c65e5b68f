//! The declarations of a table: one struct for each mapping of the format, with places.

use super::block::{Block, Form, Shape};
use super::decode::{Decode, Decoder, Fields};
use super::definition::{declarations, is_required, key};
use super::promises::{self, ActDecl, DeprecationDecl, GuaranteeDecl, ObserverDecl, PropertyDecl, ReservedDecl};
use super::restore;
use super::values::{Allowed, Argument, Name, Named, Names, Spanned};
use super::words::{AnswerWord, Carries};
use crate::finding::{Finding, Findings};
use crate::model::Kind;
use crate::rule::shape::UNKNOWN_FORMAT;
use crate::span::Span;
use crate::syntax::{Entry, Node, Plain, Text, Value, Words};

declarations! {
    /// A table: one machine or several that talk to each other, and the vocabulary that they share.
    TableDecl = "the table" {
        /// Version of the format: 1.
        required format: Spanned<u16>,
        /// Name of the table.
        required machine: Text,
        /// For how many releases a deprecated name stays before it may go; 2 if not given.
        default deprecated_for: Spanned<u16>,
        /// Under which names QMP tells clients the status; those of a live migration if not given. For `replay`.
        default qmp: QmpDecl,
        /// What a client can be shown: the frozen vocabulary. A name is the name on the wire, unless `wire:` says another.
        required statuses: Named<StatusDecl>,
        /// Why an attempt ends, beside the status that says what it came to: frozen as the statuses are.
        default reasons: Named<ReasonDecl>,
        /// Names that were public once and can never be used again.
        default reserved: Named<ReservedDecl>,
        /// Kinds of clients that are promised compatibility.
        default observers: Named<ObserverDecl>,
        /// What a user asks for.
        required triggers: Named<TriggerDecl>,
        /// Evidence that the work reports.
        required events: Named<EventDecl>,
        /// Predicates that are asked when needed.
        default guards: Named<GuardDecl>,
        /// What the machines say to each other. A message is an event of the machine that receives it.
        default messages: Named<MessageDecl>,
        /// What states can hold.
        default resources: Named<ResourceDecl>,
        /// The machines, each one role.
        required machines: Named<MachineDecl>,
        /// Promises to clients about what they are shown, and in which order.
        default guarantees: Named<GuaranteeDecl>,
        /// What an operator may do to a host without a command; for `verify`.
        default operator: Named<ActDecl>,
        /// What the machines keep together; `verify` decides it.
        default properties: Named<PropertyDecl>,
        /// Findings that are passed over in the whole table: the code of a check, and why it does not matter.
        default allow: Allowed,
    }

    /// Under which names QMP tells clients the status, for example
    /// `{ event: JOB_STATUS_CHANGE, query: query-jobs, subjects: [id, job-id, device] }`.
    QmpDecl = "the names of QMP" {
        /// The event that carries the status.
        default event: Text,
        /// The member of the event and of the reply to `query` that holds the status; `status` if not given.
        default member: Text,
        /// The member of the event and of the reply to `query` that holds the reason; without it, neither has one.
        default reason: Text,
        /// The command that asks for the status.
        default query: Text,
        /// The capability that switches the event on; `event` without it means that the event is always sent.
        default capability: Text,
        /// Members and arguments that tell apart several machines in one process, such as the name of a job.
        default subjects: Names,
        /// The classes of errors that a refusal can have; those of QMP if not given.
        default classes: Names,
    }

    /// A word of the public vocabulary.
    StatusDecl = "a status" {
        /// The release that first sent it, in quotes: `"2.3"`.
        required since: Text,
        /// The name that clients are sent, where it is not the name in the table: `SYN-SENT`, `Running`.
        default wire: Text,
        /// That it is to go, and since when.
        default deprecated: DeprecationDecl,
        /// The name it had before; that one is listed under `reserved`.
        default renamed_from: Text,
        /// What it tells a client, in one line.
        required doc: Text,
        /// Findings that are passed over here: the code of a check, and why it does not matter.
        default allow: Allowed,
    }

    /// Why an attempt ends. A row gives it; the first one given stays until the next attempt begins.
    ReasonDecl = "a reason" {
        /// The release that first sent it, in quotes: `"2.3"`.
        required since: Text,
        /// The name that clients are sent, where it is not the name in the table.
        default wire: Text,
        /// That it is to go, and since when.
        default deprecated: DeprecationDecl,
        /// What it tells a client, in one line.
        required doc: Text,
        /// Findings that are passed over here: the code of a check, and why it does not matter.
        default allow: Allowed,
    }

    /// A command of the user.
    TriggerDecl = "a trigger" {
        /// The QMP command, for example `migrate_cancel`.
        required command: Text,
        /// Arguments that tell this trigger from others with the same command.
        default with: Named<Argument>,
        /// The argument that must name the status that is shown; if it names another one, the command is refused.
        default expects: Text,
        /// Guards one of which must hold, asked when the command comes; if none does, the command is refused.
        default needs: Names,
        /// Why the command may be refused in any state, before the machine is asked: a bad address, a blocker.
        default veto: Text,
        /// That it is to go, and since when.
        default deprecated: DeprecationDecl,
        /// The command it was before; that one is listed under `reserved`.
        default renamed_from: Text,
        /// What the user wants, in one line.
        required doc: Text,
        /// Findings that are passed over here: the code of a check, and why it does not matter.
        default allow: Allowed,
    }

    /// Evidence that the work reports.
    EventDecl = "an event" {
        /// What comes with the event: `cause`, a text that says why.
        default carries: Spanned<Carries>,
        /// Whether it is so rare that a recording is not explained by it unless one asks for that; `false` if not given.
        default rare: Spanned<bool>,
        /// Whether something other than the work of the state reports it: a device, a kernel, another program. Only such an
        /// event leads out of an idle state, and nobody bounds the wait for it; `false` if not given.
        default outside: Spanned<bool>,
        /// What it is evidence of, in one line.
        required doc: Text,
        /// Findings that are passed over here: the code of a check, and why it does not matter.
        default allow: Allowed,
    }

    /// A predicate that is asked when needed.
    GuardDecl = "a guard" {
        /// The QMP capability behind it.
        default capability: Text,
        /// The QMP migration parameter behind it.
        default parameter: Text,
        /// The value of the parameter with which it holds; without it, any value but an empty one.
        default is: Text,
        /// Whether it keeps its value for a whole attempt; `false` if not given.
        default fixed: Spanned<bool>,
        /// What is true when it holds, in one line.
        required doc: Text,
        /// Findings that are passed over here: the code of a check, and why it does not matter.
        default allow: Allowed,
    }

    /// A control message from one machine to another.
    MessageDecl = "a message" {
        /// Its number on the wire.
        required number: Spanned<u16>,
        /// The machine that sends it.
        required from: Name,
        /// The machine whose event it is.
        required to: Name,
        /// The event that the sender reports when the message cannot be sent; without it, sending is best effort.
        default unsent: Name,
        /// What comes with the message: `cause`, a text that says why.
        default carries: Spanned<Carries>,
        /// What it tells the peer, in one line.
        required doc: Text,
        /// Findings that are passed over here: the code of a check, and why it does not matter.
        default allow: Allowed,
    }

    /// Something that exists while a machine is in certain states.
    ResourceDecl = "a resource" {
        /// What it is, in one line.
        required doc: Text,
        /// Findings that are passed over here: the code of a check, and why it does not matter.
        default allow: Allowed,
    }

    /// One machine: a role, such as a source or a writer.
    MachineDecl = "a machine" {
        /// What it does, in one line.
        required doc: Text,
        /// Facts whose rows win over others, strongest first.
        default precedence: Names,
        /// The states of the normal course, for diagrams and `verify`: each once, but the last may be the first again.
        default happy_path: Names,
        /// Named sets of states, given as states, kinds, or other groups.
        default groups: Named<Names>,
        /// What a host of the machine remembers beyond its state, such as whether it owns what was handed over; for `verify`.
        default markers: Named<MarkerDecl>,
        /// Where the machine can be.
        required states: Named<StateDecl>,
        /// What takes the machine from one state to another.
        required transitions: Vec<RowDecl>,
        /// What is said to triggers that no transition takes. Unlisted ones are refused.
        default answers: Vec<AnswerDecl>,
        /// Findings that are passed over in the whole machine: the code of a check, and why it does not matter.
        default allow: Allowed,
    }

    /// A bit that a host remembers beyond its state.
    MarkerDecl = "a marker" {
        /// Whether it is set before the first attempt; `false` if not given.
        default initially: Spanned<bool>,
        /// States that set it when they are entered: states, groups and kinds.
        default set_in: Names,
        /// States that clear it when they are entered.
        default cleared_in: Names,
        /// The guard that holds exactly while it is set: `verify` lets the guard say nothing else.
        default guard: Name,
        /// What it means, in one line.
        required doc: Text,
    }

    /// Where a machine can be.
    StateDecl = "a state" {
        /// What goes on: `idle` (nothing), `work`, `wait` (for a user or the peer), `cleanup`.
        required kind: Spanned<Kind>,
        /// The status that a client is shown.
        required shows: Name,
        /// Whether the machine starts here; `false` if not given.
        default initial: Spanned<bool>,
        /// Resources that exist while in this state.
        default holds: Names,
        /// How long the peer may give no sign of life.
        default timeout: TimeoutDecl,
        /// How long a visit may last, whatever the peer does.
        default timer: TimeoutDecl,
        /// Whether entering it opens a new connection to the peer within the attempt; `false` if not given.
        default reconnects: Spanned<bool>,
        /// What is going on, in one line.
        required doc: Text,
        /// Findings that are passed over here: the code of a check, and why it does not matter.
        default allow: Allowed,
    }

    /// A bound on time: of silence for `timeout`, of the whole visit for `timer`.
    TimeoutDecl = "a timeout" {
        /// The event that is reported when it runs out.
        required event: Name,
        /// How long, in milliseconds: without a sign of life for `timeout`, since the state was entered for `timer`.
        required after_ms: Spanned<u32>,
    }

    /// A transition: in one of these states, when this holds, go there.
    RowDecl = "a transition" {
        /// The states it leaves: a state, a group, a kind, `any` for every state, or a list of them.
        required from: Names,
        /// States that it does not leave although `from` names them: a state, a group, a kind, or a list of them.
        default except: Names,
        /// A formula over facts, with `and`, `or`, `not` and parentheses.
        required when: Text,
        /// The state it enters.
        required to: Name,
        /// Whether it publishes the status that the new state shows; `false` if not given.
        default public: Spanned<bool>,
        /// Why the attempt ends, if it is not known yet: one of `reasons`.
        default reason: Name,
        /// Pending triggers that are given up when it fires.
        default drops: Names,
        /// Messages that are sent when it fires, in this order.
        default sends: Names,
        /// Findings that are passed over here: the code of a check, and why it does not matter.
        default allow: Allowed,
    }

    /// What is said to a trigger that no transition takes.
    AnswerDecl = "an answer" {
        /// The states it is for: a state, a group, a kind, `any` for every state, or a list of them. Without it, every state
        /// in which no transition takes the trigger and no other answer is for it.
        default r#in: Names,
        /// States that it is not for although `in` names them, or although nothing else is said there: a state, a group, a
        /// kind, or a list of them.
        default except: Names,
        /// The trigger it is for, or a list of triggers.
        required trigger: Names,
        /// `ignore` (success, and nothing happens), `handle` (success: the host carries the command out, and the machine
        /// stays as it is) or `refuse`.
        required answer: Spanned<AnswerWord>,
        /// The reason that the user is told; only with `refuse`.
        default because: Text,
        /// The class of the error that the user is told, one of `classes` of `qmp`; only with `refuse`, `GenericError` if not
        /// given.
        default class: Text,
        /// Findings that are passed over here: the code of a check, and why it does not matter.
        default allow: Allowed,
    }
}

/// Every key of the format, and of what it is a key.
const ALL_KEYS: &[&[(&str, &str)]] = &[KEYS_OF_ALL, promises::KEYS_OF_ALL];

/// The version of the format that is described here.
const FORMAT: &str = "1";

/// Reads the tree as a table. None if that makes no sense, which is reported.
pub(crate) fn decode(root: &mut Node, out: &mut Findings) -> Option<TableDecl> {
    if let Value::Mapping(entries) = &root.value
        && let Some(entry) = entries.iter().find(|entry| entry.key.text == "format")
        && let Value::Scalar(text) = &entry.value.value
        && text.meaning() == Plain::Number
        && text.text != FORMAT
    {
        let message = format!("the table has format {}", text.text);
        let label = format!("only format {FORMAT} is known");
        out.push(Finding::error(UNKNOWN_FORMAT.code, text.span, message, label));
        return None;
    }
    if let Value::Mapping(entries) = &mut root.value {
        restore_blocks(entries, out);
    }
    let mut decoder = Decoder::new(ALL_KEYS, out);
    let table = TableDecl::decode(root, &mut decoder);
    decoder.finish();
    table
}

/// Puts the blocks of the table and of its machines right.
fn restore_blocks(entries: &mut Vec<Entry>, out: &mut Findings) {
    restore::blocks(entries, TableDecl::BLOCKS, out);
    let machines = entries.iter_mut().filter(|entry| entry.key.text == "machines");
    for machines in machines.filter_map(|entry| entries_of(&mut entry.value)) {
        restore::inner(machines, MachineDecl::BLOCKS, out);
        for machine in machines.iter_mut().filter_map(|entry| entries_of(&mut entry.value)) {
            restore::blocks(machine, MachineDecl::BLOCKS, out);
        }
    }
}

fn entries_of(node: &mut Node) -> Option<&mut Vec<Entry>> {
    match &mut node.value {
        Value::Mapping(entries) => Some(entries),
        Value::Scalar(_) | Value::Sequence(_) | Value::Refused => None,
    }
}

/// The words of the format.
pub(crate) const WORDS: Words = Words { is_key, block_of, are_beside };

/// Whether a word is a key of the format.
fn is_key(word: &str) -> bool {
    ALL_KEYS.iter().copied().flatten().any(|(known, _)| *known == word)
}

/// Whether one declaration can have both keys.
fn are_beside(one: &str, other: &str) -> bool {
    let all = || ALL_KEYS.iter().copied().flatten();
    all().filter(|(key, _)| *key == one).any(|(_, noun)| all().any(|known| *known == (other, *noun)))
}

/// The key of the block whose entries have these keys, or are lists of names.
fn block_of(keys: &[&str], are_lists: bool) -> Option<&'static str> {
    let mut blocks = TableDecl::BLOCKS.iter().chain(MachineDecl::BLOCKS);
    let block = blocks.find(|block| match block.shape {
        Shape::Named(Form::Names) => are_lists,
        Shape::Named(form) | Shape::List(form) => form.fits_keys(keys),
        Shape::One(_) | Shape::Other => false,
    });
    block.map(|block| block.key)
}
