//! The trait through which code works with any machine of the table, and its implementation for one of them.

use migration_table::model::{FactKind, Machine, Table};
use proc_macro2::TokenStream;
use quote::quote;

use crate::enumeration::choose;
use crate::names::camel;

/// The trait itself.
pub(super) fn declare() -> TokenStream {
    let types = types();
    let meaning = meaning();
    let sets = sets();
    quote! {
        /// One machine of the table, as a type. It is what generic code such as a runtime is written against; code for
        /// one machine uses the functions of its module.
        pub trait Role: Copy + Eq + ::core::fmt::Debug + Send + Sync + 'static {
            #types
            #meaning
            #sets
        }
    }
}

fn types() -> TokenStream {
    let word =
        quote!(Copy + Eq + ::core::hash::Hash + ::core::fmt::Debug + ::core::fmt::Display + Send + Sync + 'static);
    quote! {
        /// Where the machine can be.
        type State: #word;
        /// What a user can ask for.
        type Trigger: #word;
        /// Evidence that its work reports, and messages from its peer.
        type Event: #word;
        /// What it asks about when it decides.
        type Guard: #word;
        /// A set of triggers, events and guards.
        type Facts: Copy + Eq + ::core::hash::Hash + ::core::fmt::Debug + Default + Send + Sync + 'static;

        /// Its name in the table.
        const NAME: &'static str;
        /// The state that it starts in.
        const INITIAL: Self::State;
        /// Every state.
        const STATES: &'static [Self::State];
        /// Every trigger.
        const TRIGGERS: &'static [Self::Trigger];
        /// Every event.
        const EVENTS: &'static [Self::Event];
        /// Every guard.
        const GUARDS: &'static [Self::Guard];
    }
}

fn meaning() -> TokenStream {
    quote! {
        /// The transition that fires in `state` when these facts are there, if one does.
        fn advance(state: Self::State, facts: Self::Facts) -> ::core::option::Option<&'static Transition<Self>>;
        /// What the machine says to `trigger` in `state`, in an attempt with these fixed guards.
        fn answer(state: Self::State, trigger: Self::Trigger, fixed_guards: Self::Facts) -> Answer;
        /// The class of the error that a client is told where `trigger` is refused in `state`.
        fn refusal_class(state: Self::State, trigger: Self::Trigger) -> &'static str;

        /// What a client is shown in `state`.
        fn shows(state: Self::State) -> Status;
        /// What goes on in `state`.
        fn kind(state: Self::State) -> Kind;
        /// What exists while in `state`.
        fn holds(state: Self::State) -> &'static [Resource];
        /// How long the peer may give no sign of life in `state`.
        fn timeout(state: Self::State) -> ::core::option::Option<Timeout<Self::Event>>;
        /// Whether `guard` keeps its value for a whole attempt.
        fn is_fixed(guard: Self::Guard) -> bool;
        /// The event to report when `message` cannot be sent; none where another machine sends it, or where nothing
        /// depends on it.
        fn unsent(message: Message) -> ::core::option::Option<Self::Event>;
        /// The event that the arrival of `message` is; none where it is for another machine.
        fn received(message: Message) -> ::core::option::Option<Self::Event>;
    }
}

fn sets() -> TokenStream {
    quote! {
        /// The set of this trigger alone.
        fn trigger_fact(trigger: Self::Trigger) -> Self::Facts;
        /// The set of this event alone.
        fn event_fact(event: Self::Event) -> Self::Facts;
        /// The set of this guard alone.
        fn guard_fact(guard: Self::Guard) -> Self::Facts;
        /// The facts in either set.
        fn union(one: Self::Facts, other: Self::Facts) -> Self::Facts;
        /// The facts in both sets.
        fn intersection(one: Self::Facts, other: Self::Facts) -> Self::Facts;
        /// The facts in `one` that are not in `other`.
        fn minus(one: Self::Facts, other: Self::Facts) -> Self::Facts;
        /// Whether a fact is in both sets.
        fn intersects(one: Self::Facts, other: Self::Facts) -> bool;
        /// The set as bits, in the order of the table: triggers, events, messages, guards.
        fn bits(facts: Self::Facts) -> u64;
        /// All triggers.
        fn triggers_mask() -> Self::Facts;
        /// All events.
        fn events_mask() -> Self::Facts;
        /// All guards.
        fn guards_mask() -> Self::Facts;
        /// All guards that keep their value for a whole attempt.
        fn fixed_mask() -> Self::Facts;
    }
}

/// The trait for one machine, in the machine's own module.
pub(super) fn implement(table: &Table, machine: &Machine) -> TokenStream {
    let role = camel(&machine.name);
    let name = &machine.name;
    let initial = camel(&machine.state(machine.initial).name);
    let delegates = delegates();
    let messages = messages(table, machine);
    quote! {
        impl Role for #role {
            type State = State;
            type Trigger = Trigger;
            type Event = Event;
            type Guard = Guard;
            type Facts = Facts;

            const NAME: &'static str = #name;
            const INITIAL: State = State::#initial;
            const STATES: &'static [State] = &State::ALL;
            const TRIGGERS: &'static [Trigger] = &Trigger::ALL;
            const EVENTS: &'static [Event] = &Event::ALL;
            const GUARDS: &'static [Guard] = &Guard::ALL;

            #delegates
            #messages
        }
    }
}

fn delegates() -> TokenStream {
    quote! {
        fn advance(state: State, facts: Facts) -> Option<&'static Transition> { advance(state, facts) }
        fn answer(state: State, trigger: Trigger, fixed_guards: Facts) -> Answer { answer(state, trigger, fixed_guards) }
        fn refusal_class(state: State, trigger: Trigger) -> &'static str { refusal_class(state, trigger) }
        fn shows(state: State) -> Status { state.shows() }
        fn kind(state: State) -> Kind { state.kind() }
        fn holds(state: State) -> &'static [Resource] { state.holds() }
        fn timeout(state: State) -> Option<Timeout<Event>> { state.timeout() }
        fn is_fixed(guard: Guard) -> bool { guard.is_fixed() }
        fn trigger_fact(trigger: Trigger) -> Facts { Facts::of_trigger(trigger) }
        fn event_fact(event: Event) -> Facts { Facts::of_event(event) }
        fn guard_fact(guard: Guard) -> Facts { Facts::of_guard(guard) }
        fn union(one: Facts, other: Facts) -> Facts { one.union(other) }
        fn intersection(one: Facts, other: Facts) -> Facts { one.intersection(other) }
        fn minus(one: Facts, other: Facts) -> Facts { one.minus(other) }
        fn intersects(one: Facts, other: Facts) -> bool { one.intersects(other) }
        fn bits(facts: Facts) -> u64 { facts.bits() }
        fn triggers_mask() -> Facts { Facts::TRIGGERS }
        fn events_mask() -> Facts { Facts::EVENTS }
        fn guards_mask() -> Facts { Facts::GUARDS }
        fn fixed_mask() -> Facts { Facts::FIXED }
    }
}

fn messages(table: &Table, machine: &Machine) -> TokenStream {
    let is_event = |name: &&String| machine.facts.iter().any(|fact| fact.is_event() && fact.name == **name);
    let event = |name: Option<&String>| match name.filter(is_event) {
        Some(name) => {
            let event = camel(name);
            quote!(Some(Event::#event))
        }
        None => quote!(None),
    };
    let idents: Vec<_> = table.messages.iter().map(|message| camel(&message.name)).collect();
    let ours = |from: &str| from == machine.name;
    let unsent = table.messages.iter().map(|message| event(message.unsent.as_ref().filter(|_| ours(&message.from))));
    let received = table.messages.iter().enumerate().map(|(index, _)| {
        let arrives = |kind: &FactKind| matches!(kind, FactKind::Message(id) if id.index() == index);
        event(machine.facts.iter().find(|fact| arrives(&fact.kind)).map(|fact| &fact.name))
    });
    let unsent = choose(&quote!(message), &quote!(Message), idents.iter().zip(unsent));
    let received = choose(&quote!(message), &quote!(Message), idents.iter().zip(received));
    quote! {
        fn unsent(message: Message) -> Option<Event> { #unsent }
        fn received(message: Message) -> Option<Event> { #received }
    }
}
