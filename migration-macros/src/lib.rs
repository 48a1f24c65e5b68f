//! Generates the state machines of a table.
