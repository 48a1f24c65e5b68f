//! The typed layer and the other things that only code can show: constants, work, names.

mod water {
    #![allow(dead_code, reason = "only some of the generated code is used here")]

    migration_macros::state_machine!("../tables/formulas.yaml");
}

use std::convert::Infallible;

use water::pump::{
    self, DrainingEvent, Event, Facts, Guard, PrimingEvent, PumpingEvent, RacingEvent, Reported, State, Trigger,
};
use water::{Answer, Message, Resource, Status};

/// A transition that the compiler found.
const PRIMES: Option<&pump::Transition> =
    pump::advance(State::None, Facts::of_trigger(Trigger::Go).union(Facts::of_guard(Guard::Careful)));

/// An answer that the compiler found.
const REFUSED: Answer = pump::answer(State::None, Trigger::Go, Facts::of_guard(Guard::Remote));

#[test]
fn functions_are_const() {
    assert_eq!(PRIMES.map(|transition| transition.to), Some(State::Priming));
    assert_eq!(REFUSED, Answer::Refuse("the tank is far | take [care]"));
}

/// Reports a given event in each state, and keeps what it was asked to send.
struct Plumber {
    sent: Vec<Message>,
}

impl pump::Work for Plumber {
    type Visit = str;
    type Cause = String;
    type Over = &'static str;

    fn send(&mut self, message: Message, _: &str) -> Result<(), pump::Unsent<String, &'static str>> {
        self.sent.push(message);
        Err(pump::Unsent::Over("it is over"))
    }

    fn priming(&mut self, visit: &str) -> Result<PrimingEvent<String>, Self::Over> {
        Ok(PrimingEvent::TimedOut(visit.to_owned()))
    }

    fn pumping(&mut self, _: &str) -> Result<PumpingEvent<String>, Self::Over> {
        Ok(PumpingEvent::Pong)
    }

    fn racing(&mut self, _: &str) -> Result<RacingEvent<String>, Self::Over> {
        Err("it is over")
    }

    fn draining(&mut self, _: &str) -> Result<DrainingEvent, Self::Over> {
        Ok(DrainingEvent::CleanedUp)
    }
}

#[test]
fn work_is_performed_by_state() {
    let mut plumber = Plumber { sent: Vec::new() };
    let mut perform = |state| pump::perform(&mut plumber, state, "a visit");
    let reported = |event, cause: Option<&str>| Some(Ok(Reported { event, cause: cause.map(str::to_owned) }));
    assert_eq!(perform(State::None), None);
    assert_eq!(perform(State::Priming), reported(Event::TimedOut, Some("a visit")));
    assert_eq!(perform(State::Pumping), reported(Event::Pong, None));
    assert_eq!(perform(State::Racing), Some(Err("it is over")));
    assert_eq!(perform(State::Draining), reported(Event::CleanedUp, None));
    assert_eq!(perform(State::Done), None);
    assert_eq!(pump::Work::send(&mut plumber, Message::Ping, "a visit"), Err(pump::Unsent::Over("it is over")));
    assert_eq!(plumber.sent, [Message::Ping]);
}

#[test]
fn words_of_the_table() {
    assert_eq!(Status::ALL.map(Status::name), ["resting", "flowing", "shut-off"]);
    assert_eq!(Status::from_name("shut-off"), Some(Status::ShutOff));
    assert_eq!(Status::from_name("shut_off"), None);
    assert_eq!((Status::ShutOff.since(), Status::ShutOff.doc()), ("1.1", "water was stopped"));
    assert_eq!(Message::ALL.map(Message::number), [7, 9, 300]);
    assert_eq!(Message::from_number(300), Some(Message::Oops));
    assert_eq!(Message::from_number(8), None);
    assert_eq!(Message::ALL.map(Message::carries_cause), [false, false, true]);
    assert_eq!(Message::Pong.doc(), "water came");
    assert_eq!(Resource::ALL.map(Resource::name), ["pipe", "hand"]);
    assert_eq!((Trigger::Hurry.command(), Trigger::Hurry.with()), ("pump", &[("fast", "true")][..]));
    assert_eq!((Event::Pong.message(), Event::Half.message()), (Some(Message::Pong), None));
    assert_eq!(Guard::ALL.map(Guard::capability), [Some("careful-mode"), None, None, None, None]);
    assert!(State::Racing.is_wet() && State::Priming.is_wet() && !State::Draining.is_wet());
    assert!(State::Priming.is_wait() && !State::Priming.is_work());
    assert_eq!(format!("{:>6}|{}", State::None, Event::TimedOut), "  none|timed_out");
}

#[test]
fn sets_of_facts() {
    let go = Facts::of_trigger(Trigger::Go);
    let both = go.union(Facts::of_event(Event::CleanedUp));
    assert_eq!(format!("{both:?}"), r#"{"go", "cleaned_up"}"#);
    assert!(both.contains(go) && !go.contains(both) && both.intersects(go) && !both.is_empty());
    assert_eq!(both.minus(go).intersection(Facts::EVENTS), Facts::of_event(Event::CleanedUp));
    assert_eq!(both.minus(both), Facts::default());
    assert_eq!(Facts::from_bits(u64::MAX), Facts::TRIGGERS.union(Facts::EVENTS).union(Facts::GUARDS));
    assert!(Facts::GUARDS.contains(Facts::FIXED) && Facts::FIXED.contains(Facts::of_guard(Guard::Remote)));
    assert!(!Facts::FIXED.intersects(Facts::of_guard(Guard::Quiet)));
}

#[test]
fn pictures() {
    assert!(pump::DOT.starts_with("digraph") && pump::MERMAID.contains("stateDiagram-v2"));
}

/// Work that has nothing to wait for and nothing to fail with.
struct Tank;

impl water::tank::Work for Tank {
    type Visit = ();
    type Cause = Infallible;
    type Over = Infallible;

    fn send(&mut self, _: Message, (): &()) -> Result<(), water::tank::Unsent<Infallible, Infallible>> {
        Ok(())
    }

    fn filling(&mut self, (): &()) -> Result<water::tank::FillingEvent<Infallible>, Infallible> {
        Ok(water::tank::FillingEvent::Ping)
    }

    fn closing(&mut self, (): &()) -> Result<water::tank::ClosingEvent, Infallible> {
        Ok(water::tank::ClosingEvent::CleanedUp)
    }

    fn leaking(&mut self, (): &()) -> Result<water::tank::LeakingEvent, Infallible> {
        Ok(water::tank::LeakingEvent::CleanedUp)
    }
}

#[test]
fn machines_have_work_of_their_own() {
    use water::tank::{Event, State, perform};
    let event = |state| perform(&mut Tank, state, &()).map(|Ok(reported)| reported.event);
    assert_eq!(State::ALL.map(event), [None, Some(Event::Ping), Some(Event::CleanedUp), Some(Event::CleanedUp)]);
}
