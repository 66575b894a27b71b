//! What can be seen from outside.

use super::{given, outside::Outside};
use roadstead_domain::{environment::Environment, image::Digest, name::WorkloadName};
use roadstead_steps::nouns::{Dns as _, dns::RecordData};
use serde_json::Value;
use std::{collections::BTreeMap, time::Duration};

/// What runs, by workload.
pub(crate) type Running = BTreeMap<WorkloadName, Digest>;

/// The digests that were recorded.
pub(crate) fn recorded(environment: &Environment) -> Running {
    let recorded = environment.revisions.iter().flat_map(|revisions| &revisions.images);
    recorded.map(|(name, chosen)| (name.clone(), chosen.digest.clone())).collect()
}

/// The digests that the environment's objects run are exactly these.
pub(crate) fn runs(outside: &Outside, environment: &Environment, expected: &Running) {
    let mut running: Vec<String> = objects(outside, environment)
        .iter()
        .filter(|object| object["kind"] == "Deployment")
        .flat_map(|object| object["spec"]["template"]["spec"]["containers"].as_array().cloned().unwrap())
        .filter_map(|container| Some(container["image"].as_str()?.split_once('@')?.1.to_owned()))
        .collect();
    running.sort();
    let mut expected: Vec<String> = expected.values().map(ToString::to_string).collect();
    expected.sort();
    assert_eq!(running, expected);
}

/// Every object in the cluster that carries the environment's mark.
fn objects(outside: &Outside, environment: &Environment) -> Vec<Value> {
    let cluster = &outside.worlds.clusters[&given::cluster()];
    let ours = |object: &&Value| object["metadata"].to_string().contains(&environment.mark);
    cluster.read(|cluster| cluster.objects().filter(ours).cloned().collect())
}

/// The preview's name has an address and our mark in its zone.
pub(crate) async fn has_its_record(outside: &Outside, environment: &Environment) {
    let record = environment.inventory.records.iter().next().unwrap();
    let sets = outside.dns.records(&record.zone, &[record.name.clone()].into()).await.unwrap();
    let alias = sets.iter().any(|set| matches!(set.data, RecordData::Alias { .. }));
    let mark = sets.iter().any(|set| format!("{:?}", set.data).contains(&environment.mark));
    assert!(alias && mark && environment.url.as_ref().unwrap().contains(&record.name), "{sets:?}");
}

/// Nothing carries the environment's mark: no object, and no record in any zone.
pub(crate) async fn nothing_is_left(outside: &Outside, environment: &Environment) {
    assert_eq!(objects(outside, environment), Vec::<Value>::new());
    for zone in outside.zones.values() {
        let list = ["route53", "list-resource-record-sets", "--hosted-zone-id", zone];
        let records = outside.emulator.aws(&list).to_string();
        assert!(records.contains("SOA") && !records.contains(&environment.mark), "{records}");
        assert!(!records.contains(&environment.outside_name), "{records}");
    }
}

/// The one comment on a pull request says all of this, soon.
pub(crate) async fn comment_says(outside: &Outside, number: u64, words: &[&str]) {
    loop {
        let comments = outside.worlds.code.read(|code| {
            let bot = code.github.bot();
            let comments = code.github.comments(code.repository, number).into_iter();
            let ours = comments.filter(|comment| comment.author == bot);
            ours.map(|comment| comment.body.clone()).collect::<Vec<_>>()
        });
        if comments.len() == 1 && words.iter().all(|word| comments[0].contains(word)) {
            return;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// No message was received too often.
pub(crate) fn no_dead_letters(outside: &Outside) {
    let queues = outside.emulator.aws(&["sqs", "list-queues"]);
    let urls = queues["QueueUrls"].as_array().unwrap().iter().filter_map(Value::as_str);
    let dead: Vec<&str> = urls.filter(|url| url.contains("DeadLetters")).collect();
    assert_eq!(dead.len(), 12);
    for url in dead {
        let count = "ApproximateNumberOfMessages";
        let asked = ["sqs", "get-queue-attributes", "--queue-url", url, "--attribute-names", count];
        assert_eq!(outside.emulator.aws(&asked)["Attributes"][count], "0", "{url}");
    }
}
