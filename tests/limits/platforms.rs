//! So many platform configurations are kept once they were read, and what was read before them is read again.

use super::put;
use crate::simulation::{calm, in_virtual_time};
use roadstead_steps::{
    configuration::{KEPT_LIMIT, Platforms},
    nouns::state::Row,
    rows,
};
use serde_json::{Map, json};

#[test]
fn the_last_configurations_are_read_once() {
    in_virtual_time(async {
        let world = calm(|platform| platform).await;
        let hashes: Vec<String> = (0..=KEPT_LIMIT).map(|number| format!("hash-{number}")).collect();
        let row = |hash: &String| {
            let text = ("text".to_owned(), json!(world.platform));
            Row { key: rows::platform(hash), attributes: Map::from_iter([text]) }
        };
        put(&world, hashes.iter().map(row)).await;
        let platforms = Platforms::new(world.state.clone());
        let asks = async |hash: &String| {
            let before = world.state.calls().get("get").copied();
            platforms.by_hash(hash).await.unwrap();
            world.state.calls().get("get").copied() > before
        };
        let (last, kept) = hashes.split_last().unwrap();
        for (hash, expected) in
            kept.iter().map(|hash| (hash, true)).chain(kept.iter().map(|hash| (hash, false)))
        {
            assert_eq!(asks(hash).await, expected, "{hash}");
        }
        assert!(asks(last).await && asks(&kept[0]).await && !asks(last).await);
    });
}
