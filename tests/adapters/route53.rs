//! DNS through the SDK against the model of Route 53.

use super::aws::answered_by;
use jiff::{SignedDuration, Timestamp};
use roadstead_aws::dns::Route53;
use roadstead_steps::nouns::CallError;
use roadstead_steps::nouns::dns::{BATCH_LIMIT, ChangeStatus, Dns, RecordChange, RecordData, RecordSet};
use roadstead_worlds::route53::{Settings, Throttle};
use std::sync::{Arc, Mutex};

type Model = roadstead_worlds::route53::Route53;

struct Account {
    dns: Route53,
    zone: String,
    model: Arc<Mutex<Model>>,
    now: Arc<Mutex<Timestamp>>,
}

fn account() -> Account {
    let start = Timestamp::from_second(1_790_000_000).unwrap();
    let mut model = Model::new(Settings { throttle: None, ..Settings::default() });
    let zone = model.create_hosted_zone("example.com", start).unwrap();
    let (model, now) = (Arc::new(Mutex::new(model)), Arc::new(Mutex::new(start)));
    let (asked, clock) = (model.clone(), now.clone());
    let aws = answered_by(move |request| asked.lock().unwrap().handle(request, *clock.lock().unwrap()));
    Account { dns: Route53::new(aws), zone, model, now }
}

impl Account {
    async fn change(&self, changes: &[RecordChange]) -> Result<String, CallError> {
        self.dns.change(&self.zone, changes).await
    }

    async fn records(&self, name: &str) -> Vec<RecordSet> {
        self.dns.records(&self.zone, &[name.to_owned()].into()).await.unwrap()
    }
}

fn text(name: &str, value: &str) -> RecordSet {
    RecordSet { name: name.into(), data: RecordData::Text { values: vec![value.into()], ttl: 60 } }
}

fn alias(name: &str) -> RecordSet {
    let target = "entrance-1.eu-west-1.elb.amazonaws.com".into();
    RecordSet { name: name.into(), data: RecordData::Alias { target, zone: "Z32O12XQLNTSW2".into() } }
}

fn create(set: RecordSet) -> RecordChange {
    RecordChange::Create(set)
}

fn delete(set: RecordSet) -> RecordChange {
    RecordChange::Delete(set)
}

#[tokio::test]
async fn what_was_made_is_read_and_taken_away_again() {
    let account = account();
    let sets = [
        alias("*.preview.example.com"),
        text("_mark.preview.example.com", "installation \"a\"\\ä;é"),
        text("long.example.com", &"x".repeat(600)),
        RecordSet {
            name: "b.example.com".into(),
            data: RecordData::Address { values: vec!["192.0.2.1".into(), "192.0.2.2".into()], ttl: 300 },
        },
        RecordSet {
            name: "c.example.com".into(),
            data: RecordData::Name { target: "example.net".into(), ttl: 60 },
        },
    ];
    let changes = sets.iter().cloned().map(create).collect::<Vec<_>>();
    account.change(&changes).await.unwrap();
    for set in &sets {
        assert_eq!(account.records(&set.name).await, vec![set.clone()]);
    }
    account.change(&sets.iter().cloned().map(delete).collect::<Vec<_>>()).await.unwrap();
    for set in &sets {
        assert_eq!(account.records(&set.name).await, vec![]);
    }
}

#[tokio::test]
async fn all_sets_of_exactly_one_name_are_read() {
    let account = account();
    let (one, other) = (alias("a.example.com"), text("a.example.com", "mark"));
    account
        .change(&[create(one.clone()), create(other.clone()), create(text("aa.example.com", "x"))])
        .await
        .unwrap();
    let mut found = account.records("a.example.com").await;
    found.sort();
    assert_eq!(found, [one, other]);
    let kinds = account.records("example.com").await.into_iter().map(|set| set.data).collect::<Vec<_>>();
    let other = |kind: &str| RecordData::Other { kind: kind.into() };
    assert_eq!(kinds, [other("NS"), other("SOA")]);
    assert_eq!(account.records("z.example.com").await, vec![]);
}

#[tokio::test]
async fn what_stands_otherwise_is_a_conflict_and_changes_nothing() {
    let account = account();
    let set = text("a.example.com", "one");
    account.change(&[create(set.clone())]).await.unwrap();
    for refused in [
        vec![create(set.clone())],
        vec![delete(text("a.example.com", "two"))],
        vec![delete(text("b.example.com", "one"))],
        vec![create(text("c.example.com", "new")), create(set.clone()), delete(text("b.example.com", "one"))],
    ] {
        let answer = account.change(&refused).await;
        assert!(matches!(answer, Err(CallError::Conflict { .. })), "{answer:?}");
    }
    assert_eq!(account.records("a.example.com").await, vec![set]);
    assert_eq!(account.records("c.example.com").await, vec![]);
}

#[tokio::test]
async fn a_mark_is_exchanged_in_one_batch() {
    let account = account();
    let (old, new) = (text("a.example.com", "generation 1"), text("a.example.com", "generation 2"));
    account.change(&[create(old.clone())]).await.unwrap();
    account.change(&[delete(old.clone()), create(new.clone())]).await.unwrap();
    let late = account.change(&[delete(old.clone()), create(old)]).await;
    assert!(matches!(late, Err(CallError::Conflict { .. })), "{late:?}");
    assert_eq!(account.records("a.example.com").await, vec![new]);
}

#[tokio::test]
async fn what_is_invalid_is_refused_and_no_conflict() {
    let account = account();
    let elsewhere = create(text("a.example.net", "x"));
    for changes in [vec![elsewhere.clone()], vec![delete(text("b.example.com", "x")), elsewhere]] {
        let answer = account.change(&changes).await;
        assert!(matches!(answer, Err(CallError::Refused { .. })), "{answer:?}");
    }
}

#[tokio::test]
async fn a_full_batch_is_one_call() {
    let account = account();
    let before = account.model.lock().unwrap().requests();
    let name = |number: usize| text(&format!("r{number}.example.com"), "mark");
    account.change(&(0..BATCH_LIMIT).map(|number| create(name(number))).collect::<Vec<_>>()).await.unwrap();
    assert_eq!(account.records("r7.example.com").await.len(), 1);
    assert_eq!(account.model.lock().unwrap().requests() - before, 2);
}

/// Two pages of 300 sets lie between the first name and the last; what is there on a page costs no request of its own.
#[tokio::test]
async fn names_that_are_on_one_page_cost_one_request() {
    let account = account();
    let name = |number: usize| format!("r{number:03}.example.com");
    for part in (0..700).collect::<Vec<_>>().chunks(BATCH_LIMIT) {
        let sets = part.iter().flat_map(|number| {
            [create(text(&name(*number), "mark")), create(alias(&name(*number)))].into_iter()
        });
        for batch in sets.collect::<Vec<_>>().chunks(BATCH_LIMIT) {
            account.change(batch).await.unwrap();
        }
    }
    let read = async |numbers: &[usize]| {
        let before = account.model.lock().unwrap().requests();
        let names = numbers.iter().map(|number| name(*number)).chain(["r-none.example.com".to_owned()]);
        let found = account.dns.records(&account.zone, &names.collect()).await.unwrap();
        (found.len(), account.model.lock().unwrap().requests() - before)
    };
    assert_eq!(read(&[]).await, (0, 1));
    assert_eq!(read(&(0..140).collect::<Vec<_>>()).await, (280, 1), "all on the first page");
    assert_eq!(read(&[0, 1, 699]).await, (6, 2), "the pages between are passed over");
    assert_eq!(read(&(0..700).collect::<Vec<_>>()).await, (1_400, 5), "each page once");
}

#[tokio::test]
async fn a_change_arrives_after_a_while() {
    let account = account();
    let change = account.change(&[create(text("a.example.com", "x"))]).await.unwrap();
    assert_eq!(account.dns.status(&change).await, Ok(ChangeStatus::Pending));
    *account.now.lock().unwrap() += SignedDuration::from_secs(60);
    assert_eq!(account.dns.status(&change).await, Ok(ChangeStatus::InSync));
}

#[tokio::test]
async fn what_is_unknown_is_missing() {
    let account = account();
    let status = account.dns.status("C0000000000000000000").await;
    assert!(matches!(status, Err(CallError::Missing { .. })), "{status:?}");
    let records = account.dns.records("Z0000000000000000000", &["a.example.com".to_owned()].into()).await;
    assert!(matches!(records, Err(CallError::Missing { .. })), "{records:?}");
}

#[tokio::test]
async fn throttling_and_a_busy_zone_are_told_apart() {
    let account = account();
    account.model.lock().unwrap().settings.processing = Some(SignedDuration::from_secs(5));
    account.change(&[create(text("a.example.com", "x"))]).await.unwrap();
    let busy = account.change(&[create(text("b.example.com", "x"))]).await;
    assert!(matches!(busy, Err(CallError::Unavailable { maybe_done: false, .. })), "{busy:?}");
    account.model.lock().unwrap().settings.throttle = Some(Throttle::new(1, 1));
    account.records("a.example.com").await;
    let throttled = account.dns.records(&account.zone, &["a.example.com".to_owned()].into()).await;
    assert!(matches!(throttled, Err(CallError::Throttled { .. })), "{throttled:?}");
}
