//! The typed layer and the other things that only code can show: constants, work, names.

mod water {
    #![allow(dead_code, reason = "only some of the generated code is used here")]
    #![allow(deprecated, reason = "the table has warnings, and so has the code")]

    migration_macros::state_machine!("../../../../migration-macros/tests/tables/formulas.yaml");
}

use migration_machine::{Answer, Performs, Unsent, Visit, VisitOver};
use water::pump::{
    self, DrainingEvent, Event, Facts, Guard, PrimingEvent, Pump, PumpingEvent, RacingEvent, Reported, State, Trigger,
};
use water::{Message, Resource, Status};

/// A transition that the compiler found.
const PRIMES: Option<&pump::Transition> = pump::advance(State::None, Trigger::Go.fact().union(Guard::Careful.fact()));

/// An answer that the compiler found.
const REFUSED: Answer = pump::answer(State::None, Trigger::Go, Guard::Remote.fact());

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
    type Cause = String;

    fn send(&mut self, message: Message, _: &Visit) -> Result<(), Unsent<String>> {
        self.sent.push(message);
        Err(Unsent::Failed("nobody listens".to_owned()))
    }

    fn priming(&mut self, _: &Visit) -> Result<PrimingEvent<String>, VisitOver> {
        Ok(PrimingEvent::TimedOut("no water".to_owned()))
    }

    fn pumping(&mut self, _: &Visit) -> Result<PumpingEvent<String>, VisitOver> {
        Ok(PumpingEvent::Pong)
    }

    fn racing(&mut self, _: &Visit) -> Result<RacingEvent<String>, VisitOver> {
        Ok(RacingEvent::Pong)
    }

    fn draining(&mut self, _: &Visit) -> Result<DrainingEvent, VisitOver> {
        Ok(DrainingEvent::CleanedUp)
    }
}

#[test]
fn work_is_performed_by_state() {
    let mut plumber = Plumber { sent: Vec::new() };
    let visit = Visit::detached(None);
    let mut perform = |state| Pump::perform(&mut plumber, state, &visit);
    let alone = |event| Some(Ok(Reported::new(event)));
    assert_eq!(perform(State::None), None);
    assert_eq!(perform(State::Priming), Some(Ok(Reported::because(Event::TimedOut, "no water".to_owned()))));
    assert_eq!(perform(State::Pumping), alone(Event::Pong));
    assert_eq!(perform(State::Racing), alone(Event::Pong));
    assert_eq!(perform(State::Draining), alone(Event::CleanedUp));
    assert_eq!(perform(State::Done), None);
    let unsent = Unsent::Failed("nobody listens".to_owned());
    assert_eq!(Pump::send(&mut plumber, Message::Ping, &visit), Err(unsent));
    assert_eq!(plumber.sent, [Message::Ping]);
}

#[test]
fn words_of_the_table() {
    assert_eq!(Status::ALL.map(Status::name), ["resting", "flowing", "shut-off"]);
    assert_eq!(Status::from_name("shut-off"), Some(Status::ShutOff));
    assert_eq!(Status::from_name("shut_off"), None);
    assert_eq!(Status::ShutOff.since(), "1.1");
    assert_eq!(Message::ALL.map(Message::number), [7, 9, 300]);
    assert_eq!(Message::from_number(300), Some(Message::Oops));
    assert_eq!(Message::from_number(8), None);
    assert_eq!(Message::ALL.map(Message::carries_cause), [false, false, true]);
    assert_eq!(Resource::ALL.map(Resource::name), ["pipe", "hand"]);
    assert_eq!((Trigger::Hurry.command(), Trigger::Hurry.with()), ("pump", &[("fast", "true")][..]));
    assert_eq!(Guard::ALL.map(Guard::capability), [Some("careful-mode"), None, None, None, None]);
    assert!(State::Racing.is_wet() && State::Priming.is_wet() && !State::Draining.is_wet());
    assert!(State::Priming.is_wait() && !State::Priming.is_work());
    assert_eq!(format!("{:>6}|{}", State::None, Event::TimedOut), "  none|timed_out");
}

#[test]
fn sets_of_facts() {
    let go = Trigger::Go.fact();
    let both = go.union(Event::CleanedUp.fact());
    assert_eq!(format!("{both:?}"), format!("{{{}, {}}}", Trigger::Go as u32, Event::CleanedUp as u32));
    assert!(both.contains(go) && !go.contains(both) && both.intersects(go) && !both.is_empty());
    assert_eq!(both.minus(go).intersection(Event::SET), Event::CleanedUp.fact());
    assert_eq!(both.minus(both), Facts::default());
    assert!(Guard::SET.contains(Guard::FIXED) && Guard::FIXED.contains(Guard::Remote.fact()));
    assert!(!Guard::FIXED.intersects(Guard::Quiet.fact()));
}

#[test]
fn pictures() {
    assert!(pump::DOT.starts_with("digraph") && pump::MERMAID.contains("stateDiagram-v2"));
}

/// Work that never has a cause.
struct Tank;

impl water::tank::Work for Tank {
    type Cause = std::convert::Infallible;

    fn send(&mut self, _: Message, _: &Visit) -> Result<(), Unsent<Self::Cause>> {
        Ok(())
    }

    fn filling(&mut self, _: &Visit) -> Result<water::tank::FillingEvent<Self::Cause>, VisitOver> {
        Ok(water::tank::FillingEvent::Ping)
    }

    fn closing(&mut self, _: &Visit) -> Result<water::tank::ClosingEvent, VisitOver> {
        Ok(water::tank::ClosingEvent::CleanedUp)
    }

    fn leaking(&mut self, _: &Visit) -> Result<water::tank::LeakingEvent, VisitOver> {
        Ok(water::tank::LeakingEvent::CleanedUp)
    }
}

#[test]
fn machines_have_work_of_their_own() {
    use water::tank::{Event, State, Tank as Role};
    let visit = Visit::detached(None);
    let event = |state| Role::perform(&mut Tank, state, &visit).map(|found| found.map(|reported| reported.event));
    let found = |event| Some(Ok(event));
    let expected = [None, found(Event::Ping), found(Event::CleanedUp), found(Event::CleanedUp)];
    assert_eq!(State::ALL.map(event), expected);
}
