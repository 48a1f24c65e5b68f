//! `T05xx`: how a table is written. Nothing here is wrong; readers and client libraries expect it otherwise.

mod deprecated_early;
mod doc_style;
mod reason_untold;
mod same_observer;
mod since_form;
mod status_form;
mod status_order;

use crate::check::definition::Check;
use crate::finding::Code;

/// The rule about the form of texts.
pub(super) const DOC_STYLE: Code = doc_style::CHECK.code;

/// All rules of this part, in the order of their codes.
pub(super) const ALL: &[Check] = &[
    status_form::CHECK,
    doc_style::CHECK,
    since_form::CHECK,
    status_order::CHECK,
    same_observer::CHECK,
    deprecated_early::CHECK,
    reason_untold::CHECK,
];
