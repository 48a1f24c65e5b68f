//! A host of a composition.

#[derive(Clone, Debug)]
pub(crate) struct Host {
    /// Its name: that of its machine, and a number where several hosts run the machine.
    pub(crate) name: String,
    /// Its machine, as an index into the automata of the composition.
    pub(crate) automaton: usize,
}
