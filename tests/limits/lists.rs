//! Lists are read to their end, however many rows they have.

use super::{bare, environment, put, repository, row_of};
use crate::{
    journeys::Preview,
    outside::memory_state::MemoryState,
    simulation::{A_WHILE, calm, in_virtual_time},
};
use jiff::Timestamp;
use roadstead_domain::{fact::ImageFact, intent::Evidence, name::EnvironmentId};
use roadstead_steps::{
    listing,
    nouns::{
        State as _,
        state::{Condition, Key, Write},
    },
    pages::{self, PAGE},
    rows,
};

#[tokio::test]
async fn every_row_of_a_list_is_read_and_no_page_too_many() {
    for (count, queries) in [(0, 1), (PAGE - 1, 1), (PAGE, 2), (PAGE + 1, 2), (2 * PAGE + 1, 3)] {
        let state = MemoryState::default();
        let keys: Vec<Key> = (0..count).map(|number| Key::new("list", format!("one#{number:05}"))).collect();
        let others = [Key::new("list", "another"), Key::new("list", "other"), Key::new("lists", "one#")];
        for key in keys.iter().chain(&others) {
            state.commit(&[Write::Put(bare(key.clone()), Condition::Always)]).await.unwrap();
        }
        let read = pages::all(&state, "list", "one#").await.unwrap();
        let read: Vec<Key> = read.into_iter().map(|row| row.key).collect();
        assert!(read == keys, "{} of {count}", read.len());
        assert_eq!(state.calls()["query"], queries, "{count}");
    }
}

#[test]
fn every_environment_of_a_repository_is_listed() {
    in_virtual_time(async {
        let world = calm(|platform| platform).await;
        let repository = repository(&world);
        let ids: Vec<EnvironmentId> =
            (0..=PAGE).map(|number| format!("shop/try-{number}").parse().unwrap()).collect();
        let model = environment(&world, "try");
        put(&world, ids.iter().map(|id| bare(rows::repository_member(&repository, id)))).await;
        put(&world, ids.iter().map(|id| row_of(&super::Environment { id: id.clone(), ..model.clone() })))
            .await;
        let listed = listing::of_repository(world.state.as_ref(), &repository).await.unwrap();
        assert_eq!(listed.len(), PAGE + 1);
    });
}

/// What a pipeline says is the strongest, and its row comes after those of weaker facts.
#[test]
fn of_however_many_images_of_one_commit_the_strongest_is_chosen() {
    in_virtual_time(async {
        let preview = Preview::begin(|platform| platform).await;
        let world = &preview.world;
        world.dropped.lock().unwrap().insert("image");
        let head = world.push("feature", "a change");
        let digest = world.build_head(preview.number, "web");
        let fact = |number: usize| ImageFact {
            application: "shop".parse().unwrap(),
            workload: "web".parse().unwrap(),
            digest: format!("sha256:{number:064x}").parse().unwrap(),
            evidence: Evidence::Tag,
            merged: false,
            pipeline: None,
            run: None,
            at: Timestamp::UNIX_EPOCH,
        };
        let (repository, commit) = (repository(world), head.parse().unwrap());
        let row = |fact: &ImageFact| rows::row(rows::image_fact(&repository, &commit, fact), fact, None);
        put(world, (1..=PAGE).map(|number| row(&fact(number)).unwrap())).await;
        let told = ImageFact {
            digest: digest.parse().unwrap(),
            evidence: Evidence::Told,
            pipeline: Some("ci".to_owned()),
            ..fact(0)
        };
        put(world, [row(&told).unwrap()]).await;
        world.pass(A_WHILE).await;
        world.runs(&preview.id, &digest, &preview.staging[1]).unwrap();
    });
}
