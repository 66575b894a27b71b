//! Standard queues of Amazon SQS, modelled: at least once, in no certain order, with delays, a visibility timeout and
//! dead letters.

use jiff::{SignedDuration, Timestamp};
use roadstead_domain::message::{Destination, Message};
use roadstead_steps::nouns::queue::DELAY_LIMIT;
use serde::{Deserialize, Serialize};

/// How often a message is received before it is set aside (SQS: `maxReceiveCount` of the redrive policy).
pub const RECEIVES_LIMIT: u32 = 5;
/// How long a message that was received is hidden: longer than any invocation lasts.
pub const VISIBILITY: SignedDuration = SignedDuration::from_secs(45);
/// Of how many receptions one leaves the message where another consumer gets it too.
pub const DUPLICATE_ONE_IN: u64 = 40;

/// All queues of the stack.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StandardQueues {
    /// Of how many receptions one is a duplicate; none when it is 0.
    pub duplicate_one_in: u64,
    waiting: Vec<Held>,
    dead: Vec<Message>,
    ids: u64,
    random: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Held {
    id: u64,
    message: Message,
    visible_at: Timestamp,
    receives: u32,
}

/// A message in the hands of a consumer.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    /// What it says.
    pub message: Message,
    /// How often it was received, this time included.
    pub receives: u32,
    id: u64,
}

impl StandardQueues {
    /// Empty queues; the same seed makes the same duplicates.
    pub fn new(seed: u64) -> Self {
        Self { duplicate_one_in: DUPLICATE_ONE_IN, waiting: vec![], dead: vec![], ids: 0, random: seed }
    }

    /// Takes a message that is to arrive after the delay, which is rounded up to whole seconds.
    pub fn send(&mut self, message: Message, delay: SignedDuration, now: Timestamp) {
        self.ids += 1;
        let visible_at = now + whole_seconds(delay);
        self.waiting.push(Held { id: self.ids, message, visible_at, receives: 0 });
    }

    /// Hands out a message of one queue and hides it; now and then another consumer gets it as well. One that was
    /// received too often is set aside, and answered here for the log.
    pub fn receive(&mut self, queue: Destination, now: Timestamp) -> Option<Result<Received, Message>> {
        let visible = |held: &&mut Held| held.visible_at <= now && held.message.destination() == queue;
        let held = self.waiting.iter_mut().filter(visible).min_by_key(|held| held.visible_at)?;
        if held.receives >= RECEIVES_LIMIT {
            let (id, message) = (held.id, held.message.clone());
            self.waiting.retain(|held| held.id != id);
            self.dead.push(message.clone());
            return Some(Err(message));
        }
        held.receives += 1;
        let received = Received { message: held.message.clone(), receives: held.receives, id: held.id };
        let one_in = self.duplicate_one_in;
        self.random = next_random(self.random);
        if one_in == 0 || !mixed(self.random).is_multiple_of(one_in) {
            held.visible_at = now + VISIBILITY;
        }
        Some(Ok(received))
    }

    /// Takes a message away that was carried out. One that is not deleted comes again.
    pub fn delete(&mut self, received: &Received) {
        self.waiting.retain(|held| held.id != received.id);
    }

    /// When the next message of a queue can be received.
    pub fn next_at(&self, queue: Destination) -> Option<Timestamp> {
        let of_queue = self.waiting.iter().filter(|held| held.message.destination() == queue);
        of_queue.map(|held| held.visible_at).min()
    }

    /// What was received too often.
    pub fn dead_letters(&self) -> &[Message] {
        &self.dead
    }
}

/// A delay as SQS has it: whole seconds, up to [`DELAY_LIMIT`].
fn whole_seconds(delay: SignedDuration) -> SignedDuration {
    let delay = delay.clamp(SignedDuration::ZERO, DELAY_LIMIT);
    SignedDuration::from_secs(delay.as_secs() + i64::from(delay.subsec_nanos() > 0))
}

/// The generator `SplitMix64` (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
fn next_random(state: u64) -> u64 {
    state.wrapping_add(0x9E37_79B9_7F4A_7C15)
}

fn mixed(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUEUE: Destination = Destination::AcceptTrigger;

    fn queues() -> StandardQueues {
        StandardQueues { duplicate_one_in: 0, ..StandardQueues::new(7) }
    }

    fn message(key: &str) -> Message {
        Message::Trigger { key: key.to_owned() }
    }

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(milliseconds).unwrap()
    }

    fn received(queues: &mut StandardQueues, now: Timestamp) -> Option<Received> {
        queues.receive(QUEUE, now).map(Result::unwrap)
    }

    #[test]
    fn a_delay_is_rounded_up_to_whole_seconds_and_none_is_none() {
        for (delay, arrives) in [(0, 0), (1, 1_000), (1_000, 1_000), (1_001, 2_000), (901_000, 900_000)] {
            let mut queues = queues();
            queues.send(message("a"), SignedDuration::from_millis(delay), at(0));
            assert_eq!(queues.next_at(QUEUE), Some(at(arrives)), "{delay}");
            assert!(arrives == 0 || received(&mut queues, at(arrives - 1)).is_none());
            assert!(received(&mut queues, at(arrives)).is_some());
        }
    }

    #[test]
    fn what_is_not_deleted_comes_again_and_what_is_deleted_does_not() {
        let mut queues = queues();
        queues.send(message("a"), SignedDuration::ZERO, at(0));
        let first = received(&mut queues, at(0)).unwrap();
        assert_eq!((first.receives, received(&mut queues, at(44_999))), (1, None));
        let second = received(&mut queues, at(45_000)).unwrap();
        assert_eq!(second.receives, 2);
        queues.delete(&second);
        assert_eq!(received(&mut queues, at(900_000)), None);
    }

    #[test]
    fn a_message_is_received_five_times_and_then_set_aside() {
        let mut queues = queues();
        queues.send(message("a"), SignedDuration::ZERO, at(0));
        for turn in 0..i64::from(RECEIVES_LIMIT) {
            assert!(received(&mut queues, at(turn * 45_000)).is_some(), "{turn}");
        }
        assert!(queues.dead_letters().is_empty());
        assert_eq!(queues.receive(QUEUE, at(225_000)), Some(Err(message("a"))));
        assert_eq!((queues.dead_letters(), queues.next_at(QUEUE)), (&[message("a")][..], None));
    }

    #[test]
    fn each_queue_has_its_own_messages() {
        let mut queues = queues();
        queues.send(message("a"), SignedDuration::ZERO, at(0));
        assert!(queues.receive(Destination::Announce, at(0)).is_none());
        assert!(queues.receive(QUEUE, at(0)).is_some());
    }

    #[test]
    fn some_messages_are_received_twice_at_once() {
        let mut queues = StandardQueues { duplicate_one_in: 10, ..StandardQueues::new(7) };
        for _ in 0..1_000 {
            queues.send(message("a"), SignedDuration::ZERO, at(0));
        }
        let receptions = std::iter::from_fn(|| received(&mut queues, at(0))).count();
        assert!((1_050..1_200).contains(&receptions), "{receptions}");
    }
}
