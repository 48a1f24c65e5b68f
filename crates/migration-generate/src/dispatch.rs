//! How a machine finds the transition that fires: by one look at the place of the state, where all cases of a state
//! are few enough to be listed, and else by trying the rules of the state in their order.
//!
//! The facts that matter in a state are spread over a word. They are brought together by a multiplication: for the right
//! factor the topmost bits of the product are a different number for each set of them. Factors are found by trying, with
//! numbers that are the same in every run. The list itself is made by the compiler, from the rules.

use std::collections::BTreeMap;

use migration_table::model::{Machine, Row};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::facts::{bit_set, facts_of};
use crate::names::constant_with;

/// Most cases that are listed for a whole machine: 128 KiB of them.
const CASES_MAX: usize = 1 << 14;

/// Most rules that the compiler tries to make the list; it refuses to go on for ever.
const TRIED_MAX: usize = 1 << 18;

/// Most factors that are tried for one set of facts. One in a hundred will do where there is a bit to spare.
const FACTORS_MAX: usize = 1 << 14;

/// Where the cases of every state are listed.
struct Listing {
    /// How many bits of the product are the number of a case.
    bits: u32,
    /// For each state the facts that matter, and the factor that brings them together.
    places: Vec<(u64, u64)>,
}

/// The function `advance` and what it looks at, beside the rules of each state.
pub(super) fn declare(machine: &Machine, rows: &[Vec<&Row>]) -> TokenStream {
    let find = match Listing::new(rows) {
        Some(listing) => listing.declare(machine),
        None => scan(machine),
    };
    quote! {
        /// The transition of the first of the rules that holds.
        const fn first(rules: &[Rule], facts: u64) -> Option<&'static Transition> {
            let mut next = 0;
            while next < rules.len() {
                let rule = &rules[next];
                if facts & rule.mask == rule.set {
                    return Some(rule.transition);
                }
                next += 1;
            }
            None
        }

        #find
    }
}

/// Tries the rules of the state, each time.
fn scan(machine: &Machine) -> TokenStream {
    let index = machine.states.iter().map(|state| constant_with("FROM", &state.name));
    let states = Literal::usize_unsuffixed(machine.states.len());
    let advance = advance(&quote!(first(RULES[state as usize], facts.0)));
    quote! {
        /// The rules of each state, in the order of [`State::ALL`].
        static RULES: [&[Rule]; #states] = [#(&#index),*];

        /// The facts that the rules of the state ask for.
        const fn matter(state: State) -> u64 {
            let rules = RULES[state as usize];
            let (mut matter, mut next) = (0, 0);
            while next < rules.len() {
                matter |= rules[next].mask;
                next += 1;
            }
            matter
        }

        #advance
    }
}

fn advance(find: &TokenStream) -> TokenStream {
    quote! {
        /// The transition that fires in `state` when these facts are there, if one does.
        ///
        /// Where several are enabled it is the one of the highest precedence. Every pair of arguments has an answer.
        #[must_use]
        #[inline]
        pub const fn advance(state: State, facts: Facts) -> Option<&'static Transition> {
            #find
        }
    }
}

impl Listing {
    /// The way to list the cases of these states; none if they are too many.
    fn new(rows: &[Vec<&Row>]) -> Option<Listing> {
        let matter = |rows: &Vec<&Row>| {
            let asked = rows.iter().flat_map(|row| &row.cubes).flat_map(|cube| cube.asks());
            asked.fold(0, |bits, fact| bits | 1 << fact.0)
        };
        let matters: Vec<u64> = rows.iter().map(matter).collect();
        let widest = matters.iter().map(|matter| matter.count_ones()).max()?.max(1);
        let rules = rows.iter().map(|rows| rows.iter().map(|row| row.cubes.len()).sum::<usize>());
        let tried = matters.iter().zip(rules).try_fold(0_usize, |tried, (matter, rules)| {
            tried.checked_add(rules.checked_mul(1_usize.checked_shl(matter.count_ones())?)?)
        });
        if tried? > TRIED_MAX {
            return None;
        }
        // A perfect fit is rare where many facts matter, so there may be one bit more.
        let few =
            |bits: &u32| 1_usize.checked_shl(*bits).is_some_and(|cases| cases.saturating_mul(rows.len()) <= CASES_MAX);
        (widest..=widest + 1).filter(few).find_map(|bits| Listing::with_bits(bits, &matters))
    }

    fn with_bits(bits: u32, matters: &[u64]) -> Option<Listing> {
        let mut known = BTreeMap::new();
        let mut place = |matter: u64| {
            let factor = *known.entry(matter).or_insert_with(|| factor(matter, bits));
            Some((matter, factor?))
        };
        let places = matters.iter().map(|matter| place(*matter)).collect::<Option<_>>()?;
        Some(Listing { bits, places })
    }

    fn declare(&self, machine: &Machine) -> TokenStream {
        let cases = Literal::usize_unsuffixed(1 << self.bits);
        let shift = Literal::u32_unsuffixed(u64::BITS - self.bits);
        let states = Literal::usize_unsuffixed(machine.states.len());
        let places = machine.states.iter().zip(&self.places).map(|(state, (matter, factor))| {
            let rules = constant_with("FROM", &state.name);
            let matter = bit_set(machine, facts_of(*matter));
            let factor: Literal = format!("{factor:#x}").parse().unwrap_or_else(|_| Literal::u64_unsuffixed(*factor));
            quote!(place(&#rules, #matter, #factor))
        });
        let advance = advance(&quote! {
            let place = &PLACES[state as usize];
            place.cases[number(facts.0 & place.matter, place.factor)]
        });
        quote! {
            /// All cases of a state.
            struct Place {
                /// The facts that its rules ask for.
                matter: u64,
                /// What brings them together: see [`number`].
                factor: u64,
                /// By number, the transition that fires.
                cases: [Option<&'static Transition>; #cases],
            }

            /// The number of a case: a different one for each set of the facts that matter in a state.
            const fn number(facts: u64, factor: u64) -> usize {
                (facts.wrapping_mul(factor) >> #shift) as usize
            }

            /// Lists the cases of a state.
            const fn place(rules: &[Rule], matter: u64, factor: u64) -> Place {
                let mut cases = [None; #cases];
                let mut facts = 0;
                loop {
                    cases[number(facts, factor)] = first(rules, facts);
                    // The next larger set of facts that matter; after the largest one comes the empty one.
                    facts = facts.wrapping_sub(matter) & matter;
                    if facts == 0 {
                        return Place { matter, factor, cases };
                    }
                }
            }

            /// The cases of each state, in the order of [`State::ALL`].
            static PLACES: [Place; #states] = [#(#places),*];

            /// The facts that the rules of the state ask for.
            const fn matter(state: State) -> u64 {
                PLACES[state as usize].matter
            }

            #advance
        }
    }
}

/// A number whose product with any two sets of these facts differs in the topmost `bits`.
fn factor(matter: u64, bits: u32) -> Option<u64> {
    let lowest = matter.trailing_zeros();
    if matter == 0 {
        return Some(0);
    }
    if (matter >> lowest).wrapping_add(1).is_power_of_two() && lowest + bits <= u64::BITS {
        // They stand together already.
        return Some(1 << (u64::BITS - bits - lowest));
    }
    let mut random = 0x9e37_79b9_7f4a_7c15;
    let mut next = || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random
    };
    // Few bits make few sums, and so few of them alike.
    (0..FACTORS_MAX).map(|_| next() & next() & next()).find(|factor| is_apart(matter, *factor, bits))
}

/// Whether each set of these facts gets a number of its own.
fn is_apart(matter: u64, factor: u64, bits: u32) -> bool {
    let mut taken = vec![false; 1 << bits];
    let mut facts: u64 = 0;
    loop {
        let number = facts.wrapping_mul(factor) >> (u64::BITS - bits);
        let taken = usize::try_from(number).ok().and_then(|number| taken.get_mut(number));
        if taken.is_none_or(|taken| std::mem::replace(taken, true)) {
            return false;
        }
        facts = facts.wrapping_sub(matter) & matter;
        if facts == 0 {
            return true;
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_set_of_facts_gets_a_number_of_its_own() {
        let mut random: u64 = 1;
        for facts in 0..=8 {
            for _ in 0..20 {
                let mut matter: u64 = 0;
                while matter.count_ones() < facts {
                    random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    matter |= 1 << (random >> 58);
                }
                let found = super::factor(matter, facts.max(1) + 1);
                let found = found.unwrap_or_else(|| panic!("there is no factor for {matter:#x}"));
                assert!(super::is_apart(matter, found, facts.max(1) + 1), "{matter:#x}");
            }
        }
    }

    #[test]
    fn facts_that_stand_together_are_only_moved() {
        for matter in [1, 0b1110, 0x7f << 57] {
            let found = super::factor(matter, 7).unwrap();
            assert!(found.is_power_of_two() && super::is_apart(matter, found, 7), "{matter:#x}");
        }
    }
}
