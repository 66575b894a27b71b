//! That rest is always reached: whatever happens, no state comes back.
//!
//! The checker's own `eventually` does not see cycles, so this walks the states itself. Together with "at rest the world
//! agrees with the source" it says that, once the faults end, the world does come to agree.

use super::state::State;
use stateright::Model;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// On the way from the start to here, or left behind for good.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    OnTheWay,
    Done,
}

/// The number of states, or a state that can be reached from itself.
pub(super) fn without_cycles<M: Model<State = State>>(model: &M) -> Result<usize, Box<State>> {
    let mut marks: HashMap<u64, Mark> = HashMap::new();
    let mut way: Vec<(State, Vec<State>)> = Vec::new();
    for start in model.init_states() {
        marks.insert(fingerprint(&start), Mark::OnTheWay);
        way.push((start.clone(), model.next_states(&start)));
        while let Some((state, ahead)) = way.last_mut() {
            let Some(next) = ahead.pop() else {
                marks.insert(fingerprint(state), Mark::Done);
                way.pop();
                continue;
            };
            match marks.insert(fingerprint(&next), Mark::OnTheWay) {
                Some(Mark::OnTheWay) => return Err(Box::new(next)),
                Some(Mark::Done) => drop(marks.insert(fingerprint(&next), Mark::Done)),
                None => way.push((next.clone(), model.next_states(&next))),
            }
        }
    }
    Ok(marks.len())
}

fn fingerprint(state: &State) -> u64 {
    let mut hasher = DefaultHasher::new();
    state.hash(&mut hasher);
    hasher.finish()
}
