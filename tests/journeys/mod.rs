//! Journeys without faults: what each rule of the design means to the people who meet it.
//!
//! The real code and the real clients run over the worlds in virtual time, as in the simulation; nothing goes wrong but what
//! a journey is about. Kinds that are not rendered (a Job, say) have no journey: nothing can ask for one.

mod adoption;
mod adoption_astray;
mod arrival;
mod by_hand;
mod catching_up;
mod changes;
mod chat;
mod checks;
mod commands;
mod configuration;
mod deploy;
mod door_down;
mod failures;
mod foreign;
mod held;
mod images_told;
mod lifetimes;
mod limits;
mod lost;
mod outcomes;
mod poison;
mod reconfigured;
mod refused;
mod release;
mod revived;
mod rollouts;
mod secrets;
mod several;
mod sharing;
mod standing;
mod state_calls;
mod still_true;
mod superseded;
mod tags;
mod tags_told;
mod terminating;
mod told;
mod two_clusters;

use crate::simulation::{A_WHILE, calm, world::World};
use roadstead_domain::{
    deployment::{Bound, Deployment},
    environment::Phase,
    name::EnvironmentId,
};
use roadstead_steps::rows;
use std::{sync::Arc, time::Duration};

/// Longer than between two looks at a repository.
const UNTIL_LOOKED: Duration = Duration::from_secs(11 * 60);

/// The sample's platform file.
fn sample(platform: String) -> String {
    platform
}

/// A calm world whose staging environment runs these two digests.
pub async fn with_staging(change: impl FnOnce(String) -> String) -> (Arc<World>, [String; 2]) {
    let world = calm(change).await;
    world.push("main", "a beginning");
    let staging = world.build_main();
    world.pass(UNTIL_LOOKED).await;
    world.runs("shop/staging", &staging[0], &staging[1]).unwrap();
    (world, staging)
}

/// A pull request whose preview is ready.
pub struct Preview {
    pub world: Arc<World>,
    pub number: u64,
    pub id: String,
    namespace: String,
    pub staging: [String; 2],
}

impl Preview {
    pub async fn begin(change: impl FnOnce(String) -> String) -> Self {
        let (world, staging) = with_staging(change).await;
        let number = world.open();
        let web = world.build_head(number, "web");
        world.pass(A_WHILE).await;
        let id = format!("shop/pr-{number}");
        world.runs(&id, &web, &staging[1]).unwrap();
        let namespace = world.environment(&id).unwrap().outside_name;
        Self { world, number, id, namespace, staging }
    }

    /// Somebody pushes, and the pipeline builds `web`; its digest.
    fn push(&self, text: &str) -> String {
        self.world.push("feature", text);
        self.world.build_head(self.number, "web")
    }

    fn phase(&self) -> Phase {
        self.world.environment(&self.id).unwrap().phase
    }

    fn comment(&self) -> String {
        let comments = self.world.comments(self.number);
        assert_eq!(comments.len(), 1, "{comments:#?}");
        comments[0].clone()
    }
}

/// Why an environment failed.
fn failure(phase: &Phase) -> &str {
    match phase {
        Phase::Failed { refusal } => &refusal.text,
        other => panic!("it is {other:?}"),
    }
}

/// Nothing was ever begun for a pull request: no row, no object.
fn never_begun(world: &World, number: u64) {
    let id = format!("shop/pr-{number}");
    assert_eq!(world.environment(&id), None);
    assert!(world.objects_of(&id).is_empty());
}

/// The records of an environment's generations that were bound as present.
fn present_generations(world: &World, id: &str) -> Vec<Deployment> {
    let id: EnvironmentId = id.parse().unwrap();
    let partition = rows::environment(&id).partition;
    let records = world.state.rows().into_iter().filter(|row| {
        let sort = &row.key.sort;
        row.key.partition == partition && sort.starts_with("deployment#") && sort.matches('#').count() == 1
    });
    let records = records.map(|row| rows::read::<Deployment>(&row).unwrap());
    records.filter(|record| matches!(record.bound, Bound::Present { .. })).collect()
}
