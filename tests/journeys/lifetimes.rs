//! The end of a preview's lifetime.

use super::{by_hand::BY_HAND, *};
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::{
    actor::Actor,
    announcement::{Announcement, AnnouncementKey},
    message::Message,
    refusal::Refusal,
    sentence,
    step::Step,
    trigger::{Outcome, Sighting, Trigger},
};
use roadstead_steps::{
    carry::{Next, Work},
    context::Context,
    nouns::{
        Queue as _, State as _, Time as _,
        state::{Condition, Consistency, Write},
    },
    step::StepWork,
};
use std::collections::BTreeMap;

/// A day, of which people are warned 144 minutes before its end.
const A_DAY: Duration = Duration::from_secs(24 * 3_600);
const WARNING: Duration = Duration::from_secs(144 * 60);

async fn for_a_day() -> Preview {
    Preview::begin(|platform| platform.replace("lifetime: 72h", "lifetime: 24h")).await
}

impl Preview {
    fn end(&self) -> Timestamp {
        self.world.environment(&self.id).unwrap().expires_at.unwrap()
    }

    /// Somebody asks that it lives longer; what comes of it.
    async fn extend(&self, by: Option<SignedDuration>, key: &str, actor: Actor) -> Outcome {
        let environment = self.id.parse().unwrap();
        let now = self.world.time.now();
        let sighting = Sighting::Extend { environment, by };
        let trigger = Trigger {
            key: key.to_owned(),
            actor,
            received_at: now,
            sighting,
            reply: None,
            outcomes: BTreeMap::new(),
            closed: None,
        };
        let row = rows::row(rows::trigger(key), &trigger, Some(now)).unwrap();
        self.world.state.commit(&[Write::Put(row, Condition::Always)]).await.unwrap();
        self.world.queue.send(&Message::Trigger { key: key.to_owned() }, SignedDuration::ZERO).await.unwrap();
        self.world.pass(Duration::from_secs(10)).await;
        let row = self.world.state.get(&rows::trigger(key), Consistency::Strong).await.unwrap().unwrap();
        let outcomes = rows::read::<Trigger>(&row).unwrap().outcomes;
        outcomes.into_values().next().unwrap()
    }
}

fn told_once(comment: &str) -> bool {
    comment.matches("It goes away").count() == 1
}

#[test]
fn a_preview_is_gone_after_its_lifetime_and_a_push_brings_it_back() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(|platform| platform.replace("lifetime: 72h", "lifetime: 2h")).await;
        let Preview { world, id, .. } = &preview;
        assert!(preview.comment().contains("It goes away by itself on"));
        world.pass(Duration::from_secs(2 * 3_600 + 1_200)).await;
        world.gone(id).unwrap();
        world.pass(2 * UNTIL_LOOKED).await;
        world.gone(id).unwrap();
        assert!(preview.comment().contains("gone; nothing is left"));

        let web = preview.push("still at work");
        world.pass(A_WHILE).await;
        world.runs(id, &web, &preview.staging[1]).unwrap();
        assert_eq!(world.environment(id).unwrap().incarnation, 2);
    });
}

#[test]
fn a_push_whose_webhook_was_lost_brings_an_expired_preview_back_too() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(|platform| platform.replace("lifetime: 72h", "lifetime: 2h")).await;
        let Preview { world, id, .. } = &preview;
        world.pass(Duration::from_secs(2 * 3_600 + 1_200)).await;
        world.gone(id).unwrap();
        world.dropped.lock().unwrap().insert("synchronize");
        let web = preview.push("still at work");
        world.pass(UNTIL_LOOKED).await;
        world.runs(id, &web, &preview.staging[1]).unwrap();
    });
}

#[test]
fn people_are_warned_before_the_end_and_whoever_may_deploy_puts_it_off() {
    crate::simulation::in_virtual_time(async {
        let preview = for_a_day().await;
        let Preview { world, id, .. } = &preview;
        let end = preview.end();
        world.pass(A_DAY - WARNING - A_WHILE - Duration::from_secs(120)).await;
        assert!(preview.comment().contains("It goes away by itself on"), "{}", preview.comment());
        world.pass(A_WHILE).await;
        let comment = preview.comment();
        assert!(comment.contains("It goes away in 2h 2"), "{comment}");
        let fix = format!("Extend it with `/env extend {id}` or a push.");
        assert!(comment.contains(&fix) && told_once(&comment), "{comment}");
        let edits = || world.environment(id).unwrap().warned_of;
        assert_eq!(edits(), Some(end));

        let later = end + SignedDuration::from_hours(4);
        let person = || Actor::PersonAtThisMachine;
        let four = Some(SignedDuration::from_hours(4));
        assert_eq!(
            preview.extend(four, "a", person()).await,
            Outcome::Extended { until: later, latest: false }
        );
        let comment = preview.comment();
        assert!(comment.contains("It goes away by itself on") && told_once(&comment), "{comment}");
        world.pass(WARNING + Duration::from_secs(600)).await;
        assert_eq!(preview.phase(), Phase::Ready, "it outlives its first end");
        world.pass(Duration::from_secs(4 * 3_600) - WARNING).await;
        assert!(preview.comment().contains("It goes away in"), "it is warned of the new end, too");
        world.pass(WARNING + UNTIL_LOOKED).await;
        world.gone(id).unwrap();
        let gone = Outcome::Nothing { reason: sentence::is_gone(&id.parse().unwrap()) };
        assert_eq!(preview.extend(None, "b", person()).await, gone);
    });
}

#[test]
fn a_delivery_that_comes_again_puts_the_end_off_once_and_no_deployment_shortens_it() {
    crate::simulation::in_virtual_time(async {
        let preview = for_a_day().await;
        let end = preview.end();
        let person = || Actor::PersonAtThisMachine;
        let later = end + SignedDuration::from_hours(24);
        assert_eq!(
            preview.extend(None, "a", person()).await,
            Outcome::Extended { until: later, latest: false }
        );
        assert_eq!(
            preview.extend(None, "a", person()).await,
            Outcome::Extended { until: later, latest: false }
        );
        assert_eq!(preview.end(), later);
        let web = preview.push("a change");
        preview.world.pass(A_WHILE).await;
        preview.world.runs(&preview.id, &web, &preview.staging[1]).unwrap();
        assert_eq!(preview.end(), later);
        let too_long = Some(SignedDuration::from_hours(24 * 100));
        let outcome = preview.extend(too_long, "c", person()).await;
        assert!(matches!(outcome, Outcome::Extended { latest: true, .. }), "{outcome:?}");
        assert!(sentence::outcome(&outcome).contains("4 lifetimes"), "{}", sentence::outcome(&outcome));
        assert_eq!(
            preview.extend(too_long, "c", person()).await,
            outcome,
            "it was curtailed, and still says so"
        );
        let later = preview.end();
        let stranger = Actor::Pipeline { key: "another".to_owned() };
        assert!(matches!(preview.extend(None, "b", stranger).await, Outcome::Refused { .. }));
        assert_eq!(preview.end(), later);
    });
}

/// A step during which somebody puts the end off.
struct PutOffMeanwhile<'a>(&'a Preview);

#[async_trait::async_trait]
impl StepWork for PutOffMeanwhile<'_> {
    fn step(&self) -> Step {
        Step::ResolveConfig
    }

    async fn carry_out(&self, context: &Context, _: &mut Work) -> Result<Next, Refusal> {
        let outcome = self.0.extend(None, "a", Actor::PersonAtThisMachine).await;
        assert!(matches!(outcome, Outcome::Extended { .. }), "{outcome:?}");
        Ok(Next::Wait { until: context.now() + SignedDuration::from_mins(10), phase: None })
    }

    async fn undo(&self, _: &Context, _: &mut Work) -> Result<Next, Refusal> {
        Ok(Next::Gone)
    }
}

#[test]
fn an_end_that_is_put_off_while_a_step_is_at_work_stays_put_off() {
    crate::simulation::in_virtual_time(async {
        let preview = for_a_day().await;
        let world = &preview.world;
        let environment = world.environment(&preview.id).unwrap();
        let end = environment.expires_at.unwrap();
        world.carry_by_hand(environment, &PutOffMeanwhile(&preview)).await.unwrap();
        assert_eq!(world.environment(&preview.id).unwrap().released.as_deref(), Some(BY_HAND));
        assert_eq!(preview.end(), end + SignedDuration::from_hours(24));
    });
}

/// The end of an environment is told whatever became of it, and the warning is said where people notice it: a message that is
/// changed in place notifies nobody.
#[test]
fn in_chat_people_are_warned_of_the_end_of_what_failed_too_once_for_each_end() {
    crate::simulation::in_virtual_time(async {
        let preview = for_a_day().await;
        let Preview { world, id, number, .. } = &preview;
        world.push_file("feature", "web/score.yaml", "apiVersion: score.dev/v1b1\nmetadata:\n  name: 7\n");
        world.build_head(*number, "web");
        world.pass(A_WHILE).await;
        assert!(failure(&preview.phase()).contains("web/score.yaml"));
        let in_channel = || world.said_of(id).pop().unwrap().1;
        assert!(in_channel().contains("It goes away by itself on"), "{}", in_channel());
        let listed = sentence::listed(&[world.environment(id).unwrap()], world.time.now());
        assert!(listed.contains(" left): failed"), "{listed}");
        assert_eq!(world.said_below(id), []);

        let left = preview.end().duration_since(world.time.now()).unsigned_abs();
        world.pass(left - WARNING + Duration::from_secs(180)).await;
        let warned = world.said_below(id);
        let fix = format!("Extend it with `/env extend {id}` or a push.");
        assert!(warned.len() == 1 && warned[0].1.contains(&fix), "{warned:?}");
        assert!(in_channel().contains("It goes away in 2h"), "{}", in_channel());

        let key = AnnouncementKey::Channel { environment: id.parse().unwrap() };
        let row = world.state.get(&rows::announcement(&key), Consistency::Strong).await.unwrap().unwrap();
        let mut announcement: Announcement = rows::read(&row).unwrap();
        announcement.said.warned_of = None;
        announcement.owed += 1;
        let died = rows::row(rows::announcement(&key), &announcement, Some(world.time.now())).unwrap();
        world.state.commit(&[Write::Put(died, Condition::Always)]).await.unwrap();
        world.pass(A_WHILE).await;
        assert_eq!(world.said_below(id), warned, "whoever died before it was noted does not say it twice");

        let later =
            preview.extend(Some(SignedDuration::from_hours(4)), "a", Actor::PersonAtThisMachine).await;
        assert!(matches!(later, Outcome::Extended { .. }), "{later:?}");
        assert!(in_channel().contains("It goes away by itself on"), "{}", in_channel());
        world.pass(Duration::from_secs(4 * 3_600)).await;
        assert_eq!(world.said_below(id).len(), 2, "{:?}", world.said_below(id));
    });
}
