//! How much a batch, a page, a record and a chain of names hold, and no more.

use super::*;

#[test]
fn a_batch_holds_a_thousand_records_and_an_upsert_counts_twice() {
    let (mut world, zone) = world();
    let batch = |action, count: usize| -> Vec<Change> {
        (0..count)
            .map(|n| change(action, &format!("n{n}.preview.example.com"), "A", &["192.0.2.1"]))
            .collect()
    };
    let said = "[Number of records limit of 1000 exceeded.]";
    assert_eq!(refusal(&mut world, &zone, &batch(Action::Create, RECORDS_LIMIT + 1)).message, said);
    assert_eq!(refusal(&mut world, &zone, &batch(Action::Upsert, RECORDS_LIMIT / 2 + 1)).message, said);
    assert!(world.clone().change(&zone, &batch(Action::Create, RECORDS_LIMIT), None, at(0)).is_ok());
    assert!(world.change(&zone, &batch(Action::Upsert, RECORDS_LIMIT / 2), None, at(0)).is_ok());
}

#[test]
fn a_batch_holds_32_000_characters_of_values() {
    let (mut world, zone) = world();
    let text = |length: usize| format!("\"{}\"", "a".repeat(length - 2));
    let mut batch: Vec<Change> = (0..VALUE_CHARACTERS_LIMIT / 200)
        .map(|n| create(&format!("n{n}.preview.example.com"), "TXT", &[&text(200)]))
        .collect();
    assert!(world.clone().change(&zone, &batch, None, at(0)).is_ok());
    batch[0].resource_record_set = RecordSet::of_values("n0.preview.example.com", "TXT", 60, &[&text(201)]);
    assert_eq!(refusal(&mut world, &zone, &batch).message, "[Number of characters limit of 32000 exceeded.]");
}

#[test]
fn a_page_of_sets_holds_three_hundred_at_most() {
    let (mut world, zone) = world();
    let name = |n: usize| format!("n{n}.preview.example.com");
    // The zone has two sets of its own.
    let changes: Vec<Change> = (0..ITEMS_LIMIT - 1).map(|n| create(&name(n), "A", &["192.0.2.1"])).collect();
    world.change(&zone, &changes, None, at(0)).unwrap();
    assert_eq!(world.record_sets(&zone).count(), ITEMS_LIMIT + 1);
    for asked in [ITEMS_LIMIT, ITEMS_LIMIT + 1] {
        let page =
            listing::record_sets(world.zone(&zone).unwrap(), Some(&format!("maxitems={asked}"))).unwrap();
        assert_eq!(page.matches("<ResourceRecordSet>").count(), ITEMS_LIMIT);
        assert!(page.contains("<IsTruncated>true</IsTruncated>"), "{page}");
    }
}

#[test]
fn a_page_of_zones_holds_a_hundred_at_most() {
    let mut world = Route53::new(Settings { throttle: None, ..Settings::default() });
    for number in 0..=listing::ZONES_LIMIT {
        world.create_hosted_zone(&format!("z{number}.example.com"), at(0)).unwrap();
    }
    for asked in [listing::ZONES_LIMIT, listing::ZONES_LIMIT + 1] {
        let page = listing::hosted_zones(&world.zones, Some(&format!("maxitems={asked}"))).unwrap();
        assert_eq!(page.matches("<HostedZone>").count(), listing::ZONES_LIMIT);
        assert!(page.contains("<IsTruncated>true</IsTruncated>"), "{page}");
    }
}

#[test]
fn a_record_is_kept_for_so_long_at_most() {
    let (mut world, zone) = world();
    let of = |ttl: u32| RecordSet::of_values("a.preview.example.com", "A", ttl, &["192.0.2.1"]);
    let create = |ttl: u32| [Change { action: Action::Create, resource_record_set: of(ttl) }];
    let refused = refusal(&mut world, &zone, &create(record::TTL_LIMIT + 1));
    assert!(format!("{refused:?}").contains("must be at most 2147483647"), "{refused:?}");
    world.change(&zone, &create(record::TTL_LIMIT), None, at(1)).unwrap();
}

#[test]
fn so_many_canonical_names_are_followed() {
    let of = |hops: usize| {
        let (mut world, zone) = world();
        let name = |number: usize| format!("n{number}.preview.example.com");
        let hop = |number: usize| create(&name(number), "CNAME", &[&name(number + 1)]);
        let changes: Vec<_> = (1..hops).map(hop).chain([create(&name(hops), "A", &["192.0.2.1"])]).collect();
        world.change(&zone, &changes, None, at(0)).unwrap();
        world.answer(&name(1), "A", at(60))
    };
    let found = Answer::Values { ttl: 60, values: vec!["192.0.2.1".to_owned()] };
    assert_eq!(of(resolver::HOPS_LIMIT), found);
    assert_eq!(of(resolver::HOPS_LIMIT + 1), Answer::NoData);
}
