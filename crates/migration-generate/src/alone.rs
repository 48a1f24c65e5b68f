//! What comes of a trigger or an event where nothing else is pending, as it is nearly always: one look into a table, as
//! somebody would write it by hand.
//!
//! The generated code says it in words of `answer` and `advance`, once. The compiler asks that for every state, every
//! input and all values of the guards, and lists the answers; where there would be too many, every call asks anew.

use migration_table::model::{FactSet, Machine, Row};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::facts::{bit_set, facts_of};

/// Most bytes of a list.
const BYTES_MAX: usize = 1 << 16;

/// Most rules that the compiler tries to make a list; it refuses to go on for ever.
const TRIED_MAX: usize = 1 << 16;

/// What an entry of the list takes: a pointer, a state and a flag.
const BYTES_EACH: usize = 8 + 2 + 1;

/// The size of a list.
struct Listing {
    /// The guards that rows ask for.
    guards: u64,
    /// How many values they have together.
    values: usize,
    /// How many numbers an input can have: a power of two, so that a number needs no check.
    columns: usize,
}

/// The function `alone`, what it is asked about and what it says.
pub(super) fn declare(machine: &Machine) -> TokenStream {
    let types = types();
    let settle = settle();
    match Listing::of(machine) {
        Some(listing) => {
            let listed = listing.declare(machine);
            quote! {
                #types

                /// What comes of an input, found the long way.
                const fn settle(state: State, input: Input, guards: Facts) -> Outcome {
                    #settle
                }

                #listed
            }
        }
        None => {
            let alone = alone(&settle);
            quote!(#types #alone)
        }
    }
}

fn types() -> TokenStream {
    quote! {
        /// What comes to the machine.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Input {
            /// A user asks for something.
            Trigger(Trigger),
            /// Work reports evidence, or a message arrives.
            Event(Event),
        }

        impl Input {
            /// The set of this input alone.
            #[must_use]
            pub const fn fact(self) -> Facts {
                match self {
                    Self::Trigger(trigger) => Facts::of_trigger(trigger),
                    Self::Event(event) => Facts::of_event(event),
                }
            }
        }

        /// What comes of an input.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Outcome {
            /// The state after it; the same one if no transition fires.
            pub to: State,
            /// The transition that fires, if one does.
            pub transition: Option<&'static Transition>,
            /// Whether this is all: nothing is pending that a row of the state asks for, and nothing else fires.
            pub rests: bool,
        }
    }
}

fn alone(find: &TokenStream) -> TokenStream {
    quote! {
        /// What comes of `input` in `state` where nothing else is pending and, of the guards, exactly these hold.
        ///
        /// It is what [`answer`] and [`advance`] say of it: nothing comes of a trigger that is not taken, and of an
        /// event in an idle state. Where the machine does not rest, go the long way: `answer` the trigger, add the
        /// input to what is pending, and `advance` until nothing fires.
        #[must_use]
        #[inline]
        pub const fn alone(state: State, input: Input, guards: Facts) -> Outcome {
            #find
        }
    }
}

fn column(machine: &Machine) -> TokenStream {
    let number = |any: bool, input: TokenStream| if any { quote!(#input as usize) } else { quote!(match #input {}) };
    let trigger = number(!machine.triggers().is_empty(), quote!(trigger));
    let event = number(!machine.events().is_empty(), quote!(event));
    quote! {
        /// The input as a number, from its place in a set of facts.
        const fn column(input: Input) -> usize {
            match input {
                Input::Trigger(trigger) => #trigger,
                Input::Event(event) => #event,
            }
        }
    }
}

/// The meaning of `alone`.
fn settle() -> TokenStream {
    quote! {
        let guards = guards.intersection(Facts::GUARDS);
        let is_taken = match input {
            Input::Trigger(trigger) => {
                matches!(answer(state, trigger, guards.intersection(Facts::FIXED)), Answer::Accept)
            }
            Input::Event(_) => !state.is_idle(),
        };
        if !is_taken {
            return Outcome { to: state, transition: None, rests: true };
        }
        let Some(transition) = advance(state, guards.union(input.fact())) else {
            return Outcome { to: state, transition: None, rests: matter(state) & input.fact().0 == 0 };
        };
        let to = transition.to;
        let pending = input.fact().minus(Facts::EVENTS).minus(transition.consumes).minus(transition.drops);
        let rests = to.is_idle() || pending.is_empty() && advance(to, guards).is_none();
        Outcome { to, transition: Some(transition), rests }
    }
}

impl Listing {
    /// The size of the list of this machine; none if that is too large.
    fn of(machine: &Machine) -> Option<Listing> {
        let bits = |facts: FactSet| facts.iter().fold(0u64, |bits, fact| bits | 1 << fact.0);
        let mentioned = FactSet::union(machine.rows.iter().map(|row| row.mentions));
        let guards = bits(mentioned & machine.guards());
        // Guards in between that nobody asks for have values too.
        let values = match guards.checked_ilog2() {
            None => 1,
            Some(highest) => 1_usize.checked_shl(highest + 1 - guards.trailing_zeros())?,
        };
        let inputs = bits(machine.triggers() | machine.events());
        let columns = (u64::BITS - inputs.leading_zeros()) as usize;
        let columns = columns.next_power_of_two();
        let entries = [machine.states.len(), columns].into_iter().try_fold(values, usize::checked_mul)?;
        let rules = |rows: &Vec<&Row>| rows.iter().map(|row| row.cubes.len()).sum::<usize>();
        let widest = machine.rows_by_state().iter().map(rules).max()?;
        let bounds = [(BYTES_EACH, BYTES_MAX), (widest, TRIED_MAX)];
        let is_small = bounds.into_iter().all(|(each, most)| entries.checked_mul(each).is_some_and(|all| all <= most));
        is_small.then_some(Listing { guards, values, columns })
    }

    fn declare(&self, machine: &Machine) -> TokenStream {
        let types = self.types();
        let column = column(machine);
        let list = self.list(machine);
        let last = Literal::usize_unsuffixed(self.columns - 1);
        let alone = alone(&quote! {
            let (state, value, input) = (state as usize, value(guards), column(input) & #last);
            Outcome {
                to: OUTCOMES.to[state][value][input],
                transition: OUTCOMES.transition[state][value][input],
                rests: ALL_REST || OUTCOMES.rests[state][value][input],
            }
        });
        quote! {
            #types
            #column
            #list

            /// Whether the machine rests after every input, so that nothing ever waits.
            const ALL_REST: bool = OUTCOMES.all_rest;

            #alone
        }
    }

    fn types(&self) -> TokenStream {
        let columns = Literal::usize_unsuffixed(self.columns);
        quote! {
            /// All outcomes, by state, guards and input.
            struct Outcomes {
                to: [[[State; #columns]; VALUES]; State::ALL.len()],
                transition: [[[Option<&'static Transition>; #columns]; VALUES]; State::ALL.len()],
                rests: [[[bool; #columns]; VALUES]; State::ALL.len()],
                all_rest: bool,
            }

            impl Outcomes {
                /// Lists the outcomes of all inputs in `state` under these guards.
                const fn add(&mut self, state: State, guards: Facts) {
                    let mut next = 0;
                    while next < Trigger::ALL.len() {
                        self.set(state, Input::Trigger(Trigger::ALL[next]), guards);
                        next += 1;
                    }
                    next = 0;
                    while next < Event::ALL.len() {
                        self.set(state, Input::Event(Event::ALL[next]), guards);
                        next += 1;
                    }
                }

                const fn set(&mut self, state: State, input: Input, guards: Facts) {
                    let Outcome { to, transition, rests } = settle(state, input, guards);
                    let (state, value, input) = (state as usize, value(guards), column(input));
                    self.to[state][value][input] = to;
                    self.transition[state][value][input] = transition;
                    self.rests[state][value][input] = rests;
                    self.all_rest &= rests;
                }
            }
        }
    }

    /// The list, and how guards become a number.
    fn list(&self, machine: &Machine) -> TokenStream {
        let [values, columns] = [self.values, self.columns].map(Literal::usize_unsuffixed);
        let lowest = bit_set(machine, facts_of(self.guards & self.guards.wrapping_neg()));
        let (guards, value, of_value) = if self.guards == 0 {
            (quote!(_guards), quote!(0), quote!(Facts::EMPTY))
        } else {
            let last = Literal::usize_unsuffixed(self.values - 1);
            let value = quote!((guards.0 / #lowest) as usize & #last);
            (quote!(guards), value, quote!(Facts(value as u64 * #lowest)))
        };
        quote! {
            /// How many values the guards have that rows ask for, together.
            const VALUES: usize = #values;

            /// The guards as a number, from the first that a row asks for.
            const fn value(#guards: Facts) -> usize {
                #value
            }

            /// What comes of every input in every state.
            static OUTCOMES: Outcomes = {
                let mut all = Outcomes {
                    to: [[[State::ALL[0]; #columns]; VALUES]; State::ALL.len()],
                    transition: [[[None; #columns]; VALUES]; State::ALL.len()],
                    rests: [[[true; #columns]; VALUES]; State::ALL.len()],
                    all_rest: true,
                };
                let mut next = 0;
                while next < State::ALL.len() {
                    let mut value = 0;
                    while value < VALUES {
                        all.add(State::ALL[next], #of_value);
                        value += 1;
                    }
                    next += 1;
                }
                all
            };
        }
    }
}
