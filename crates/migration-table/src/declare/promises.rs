//! The declarations of what is promised: to clients, over releases, and by both machines together.

use super::block::{Block, Form, Shape};
use super::decode::{Decode, Decoder, Fields};
use super::definition::{declarations, is_required, key};
use super::values::{Allowed, Name, Names, Spanned};
use crate::model::{Channel, Repeat, Unknown, Was};
use crate::span::Span;
use crate::syntax::{Node, Text};

declarations! {
    /// That a public name is to go.
    DeprecationDecl = "a deprecation" {
        /// The release that first said so, in quotes: `"2.3"`.
        required since: Text,
        /// What to use in its place: a status for a status, a reason for a reason, a command for a command.
        default r#use: Name,
    }

    /// A name that was public once.
    ReservedDecl = "a reserved name" {
        /// What it was: `status`, `reason`, `command` or `capability`.
        required was: Spanned<Was>,
        /// The release that first did without it, in quotes: `"2.3"`.
        required removed: Text,
        /// What became of it, in one line.
        required doc: Text,
        /// Findings that are passed over here: the code of a check, and why it does not matter.
        default allow: Allowed,
    }

    /// A kind of client that is promised compatibility.
    ObserverDecl = "an observer" {
        /// How it learns of statuses: `events` (it is sent every change) or `poll` (it asks now and then).
        required channel: Spanned<Channel>,
        /// What it does about a status that it does not know: `skip` or `fail`.
        required unknown: Spanned<Unknown>,
        /// Whether it would `see` a status that is sent twice in a row, or `skip` it; `see` if not given.
        default repeat: Spanned<Repeat>,
        /// Whether what would break it fails the check of the public API; `true` if not given.
        default gate: Spanned<bool>,
        /// Who it is, in one line.
        required doc: Text,
        /// Findings that are passed over here: the code of a check, and why it does not matter.
        default allow: Allowed,
    }

    /// A promise to clients: either `after` and `ends`, or `before` and `comes`.
    GuaranteeDecl = "a guarantee" {
        /// The machine that keeps it.
        required machine: Name,
        /// The command, once accepted, or the status from which every attempt ends.
        default after: Name,
        /// The statuses in one of which it ends then.
        default ends: Names,
        /// The status that is never shown first.
        default before: Name,
        /// The status that was shown by then.
        default comes: Name,
        /// What a client may rely on, in one line.
        required doc: Text,
        /// Findings that are passed over here: the code of a check, and why it does not matter.
        default allow: Allowed,
    }

    /// What an operator may do to a host without a command, for example start again by hand what was stopped.
    ActDecl = "an act of the operator" {
        /// The machine whose host is acted on.
        required machine: Name,
        /// When the operator does it: a formula over all machines, such as `source.failed and not destination.runs`.
        required when: Text,
        /// The marker of the machine that it sets.
        required sets: Name,
        /// What the operator does, in one line.
        required doc: Text,
    }

    /// What the machines keep together: one of `never`, `at_most_one`, `after` with `never`, `first` with `then`,
    /// `whenever` with `eventually`, or `possible`.
    PropertyDecl = "a property" {
        /// A formula that never holds, such as `source.active and destination.runs`; after `after`, a happening.
        default never: Text,
        /// A marker that at most one host has at any time.
        default at_most_one: Name,
        /// The happening after which the one of `never` does not come, such as `source accepts cancel`.
        default after: Text,
        /// The happening that ends what `after` began.
        default until: Text,
        /// The happening that must come before the one of `then`.
        default first: Text,
        /// The happening that comes only after the one of `first`.
        default then: Text,
        /// The happening after which the formula of `eventually` holds in the end.
        default whenever: Text,
        /// The formula that holds in the end.
        default eventually: Text,
        /// A formula: where it holds, the machines may wait for a user for ever.
        default waiting: Text,
        /// A formula that can still come to hold after `from`; from the start if that is not given.
        default possible: Text,
        /// The happening after which the formula of `possible` is within reach.
        default from: Text,
        /// What is kept, in one line.
        required doc: Text,
    }
}
