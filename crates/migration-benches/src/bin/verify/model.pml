/* The model of `model.rs`, for SPIN: the same sides, messages, flags and counters, so that it counts the same states.
 * DEPTH, RUNS, ROUNDS and CUTS are given on the command line. */
mtype:side = { none, setup, moving, pre_switchover, device, postcopy, paused, recover, completed, failing, failed,
               cancelling, cancelled };
mtype:word = { hello, ram, rest, go, over, page, done, resume, resumed };

chan there = [DEPTH] of { mtype:word };
chan back = [DEPTH] of { mtype:word };
mtype:side source = none;
mtype:side destination = none;
bool is_linked, destination_runs, may_postcopy, may_pause, wants_postcopy, is_cancelled, has_sent_state;
bool source_runs = true;
byte rounds, runs, cuts, ends;

#define rests (source == none || source == completed || source == failed || source == cancelled)
#define says (is_linked && nfull(there))
#define replies nfull(back)

inline enter(next) {
  source = next;
  if
  :: next == completed || next == failed || next == cancelled -> ends++
  :: else
  fi
}

inline cut() {
  is_linked = false;
  do :: there?_ :: empty(there) -> break od;
  do :: back?_ :: empty(back) -> break od
}

active proctype everything() {
end_: do
  :: atomic { rests && runs < RUNS && destination != completed && source_runs ->
       source = setup; destination = none; runs++; destination_runs = false; wants_postcopy = false;
       is_cancelled = false; has_sent_state = false; rounds = 0; cuts = 0; ends = 0; cut();
       if :: may_postcopy = true :: may_postcopy = false fi;
       if :: may_pause = true :: may_pause = false fi }
  :: atomic { source == setup && nfull(there) -> is_linked = true; there!hello; enter(moving) }
  :: atomic { source == setup -> enter(failing) }
  :: atomic { source == moving && says && rounds < ROUNDS -> rounds++; there!ram }
  :: atomic { source == moving && may_postcopy && !wants_postcopy -> wants_postcopy = true }
  :: atomic { source == moving && (rounds == ROUNDS || wants_postcopy) -> source_runs = false;
       if :: may_pause -> enter(pre_switchover) :: else -> enter(device) fi }
  :: atomic { source == pre_switchover -> enter(device) }
  :: atomic { source == device && says && !has_sent_state -> has_sent_state = true; there!rest }
  :: atomic { source == device && says && has_sent_state && wants_postcopy -> there!go; enter(postcopy) }
  :: atomic { source == device && says && has_sent_state && !wants_postcopy ->
       has_sent_state = false; rounds = ROUNDS + 1; there!over }
  :: atomic { source == device && rounds == ROUNDS + 1 && back?[done] -> back?done; enter(completed) }
  :: atomic { source == postcopy && back?[page] && nfull(there) -> back?page; there!ram }
  :: atomic { source == postcopy && back?[done] -> back?done; enter(completed) }
  :: atomic { source == paused && destination == paused && nfull(there) ->
       is_linked = true; there!resume; enter(recover) }
  :: atomic { source == recover && back?[resumed] -> back?resumed; enter(postcopy) }
  :: atomic { source == failing -> source_runs = true; enter(failed); cut() }
  :: atomic { source == cancelling -> source_runs = true; enter(cancelled); cut() }
  :: atomic { !is_linked && (source == moving || source == pre_switchover || source == device) -> enter(failing) }
  :: atomic { !is_linked && (source == postcopy || source == recover) -> enter(paused) }

  :: atomic { destination == none && there?[hello] -> there?hello; destination = moving }
  :: atomic { (destination == moving || destination == postcopy) && there?[ram] -> there?ram }
  :: atomic { destination == moving && there?[rest] -> there?rest; destination = device }
  :: atomic { destination == device && there?[go] && replies ->
       there?go; destination = postcopy; destination_runs = true }
  :: atomic { destination == device && there?[over] && replies -> there?over; back!done; destination = completed;
       destination_runs = (source != cancelling && source != failing && source != cancelled && source != failed) }
  :: atomic { destination == paused && there?[resume] && replies -> there?resume; destination = recover }
  :: atomic { destination == postcopy && is_linked && replies -> back!page }
  :: atomic { destination == postcopy && is_linked && replies && empty(there) -> back!done; destination = completed }
  :: atomic { destination == recover && is_linked && replies -> back!resumed; destination = postcopy }
  :: atomic { !is_linked && (destination == postcopy || destination == recover) -> destination = paused }
  :: atomic { !is_linked && (destination == moving || destination == device) -> destination = failed }

  :: atomic { is_linked && cuts < CUTS -> cuts++; cut() }
  :: atomic { (source == setup || source == moving || source == pre_switchover) ->
       is_cancelled = true; enter(cancelling) }
  :: atomic { destination == moving && is_linked -> destination = failed; cut() }
  od
}
