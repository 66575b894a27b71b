use super::*;

mod limits;

const ELB: &str = "Z32O12XQLNTSW2";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn world() -> (Route53, String) {
    let mut world = Route53::new(Settings { throttle: None, ..Settings::default() });
    let zone = world.create_hosted_zone("preview.example.com", at(0)).unwrap();
    (world, zone)
}

fn change(action: Action, name: &str, kind: &str, values: &[&str]) -> Change {
    Change { action, resource_record_set: RecordSet::of_values(name, kind, 60, values) }
}

fn create(name: &str, kind: &str, values: &[&str]) -> Change {
    change(Action::Create, name, kind, values)
}

fn delete(name: &str, kind: &str, values: &[&str]) -> Change {
    change(Action::Delete, name, kind, values)
}

fn alias(name: &str, zone: &str, target: &str) -> Change {
    Change { action: Action::Create, resource_record_set: RecordSet::of_alias(name, "A", zone, target) }
}

fn refusal(world: &mut Route53, zone: &str, changes: &[Change]) -> Refusal {
    let before = serde_json::to_value(&*world).unwrap();
    let refusal = world.change(zone, changes, None, at(1)).unwrap_err();
    assert_eq!(serde_json::to_value(&*world).unwrap(), before, "a refused batch changes nothing");
    refusal
}

#[test]
fn a_change_is_answered_when_it_is_in_sync() {
    let (mut world, zone) = world();
    world.change(&zone, &[create("A.preview.example.com", "A", &["192.0.2.1"])], None, at(0)).unwrap();
    assert_eq!(world.answer("a.preview.example.com", "A", at(59)), Answer::NoSuchName);
    let found = Answer::Values { ttl: 60, values: vec!["192.0.2.1".to_owned()] };
    assert_eq!(world.answer("a.preview.EXAMPLE.com.", "A", at(60)), found);
    assert_eq!(world.answer("a.preview.example.com", "AAAA", at(60)), Answer::NoData);
    assert_eq!(world.published(&zone, at(59)).len(), 2);
    assert_eq!(world.published(&zone, at(60)).len(), 3);
    assert_eq!(world.record_sets(&zone).count(), 3);
}

#[test]
fn creating_twice_and_deleting_what_is_not_so_are_refused_in_the_originals_words() {
    let (mut world, zone) = world();
    world.change(&zone, &[create("a.preview.example.com", "A", &["192.0.2.1"])], None, at(0)).unwrap();
    let place = "resource record set [name='a.preview.example.com.', type='A']";
    for (change, said) in [
        (create("a.preview.example.com", "A", &["192.0.2.2"]), format!("[Tried to create {place} but it already exists]")),
        (
            delete("a.preview.example.com", "A", &["192.0.2.2"]),
            format!("[Tried to delete {place} but the values provided do not match the current values]"),
        ),
        (
            delete("b.preview.example.com", "A", &["192.0.2.1"]),
            "[Tried to delete resource record set [name='b.preview.example.com.', type='A'] but it was not found]".to_owned(),
        ),
    ] {
        let refusal = refusal(&mut world, &zone, &[change]);
        assert_eq!((refusal.status, refusal.code, refusal.message), (400, "InvalidChangeBatch", said));
    }
    let mut other_ttl = delete("a.preview.example.com", "A", &["192.0.2.1"]);
    other_ttl.resource_record_set.ttl = Some(300);
    assert!(refusal(&mut world, &zone, &[other_ttl]).message.contains("do not match"));
}

#[test]
fn one_bad_change_refuses_the_batch_and_every_complaint_is_told() {
    let (mut world, zone) = world();
    let batch = [
        create("a.preview.example.com", "A", &["192.0.2.1"]),
        delete("b.preview.example.com", "A", &["192.0.2.1"]),
        delete("c.preview.example.com", "A", &["192.0.2.1"]),
    ];
    let message = refusal(&mut world, &zone, &batch).message;
    assert!(
        message.contains("name='b.") && message.contains(", ") && message.contains("name='c."),
        "{message}"
    );
}

#[test]
fn a_mark_is_replaced_by_deleting_its_exact_value_and_creating_the_new_one() {
    let (mut world, zone) = world();
    let name = "mark.preview.example.com";
    world.change(&zone, &[create(name, "TXT", &["\"1\""])], None, at(0)).unwrap();
    let replace = [delete(name, "TXT", &["\"1\""]), create(name, "TXT", &["\"2\""])];
    world.change(&zone, &replace, None, at(1)).unwrap();
    assert!(refusal(&mut world, &zone, &replace).message.contains("do not match"));
}

#[test]
fn one_set_may_not_be_changed_twice_otherwise() {
    let (mut world, zone) = world();
    let twice = change(Action::Upsert, "a.preview.example.com", "A", &["192.0.2.1"]);
    let message = refusal(&mut world, &zone, &[twice.clone(), twice]).message;
    let said =
        "The request contains an invalid set of changes for a resource record set 'A a.preview.example.com.'";
    assert_eq!(message, format!("[{said}]"));
}

#[test]
fn an_upsert_makes_and_replaces() {
    let (mut world, zone) = world();
    for value in ["192.0.2.1", "192.0.2.2"] {
        world
            .change(&zone, &[change(Action::Upsert, "a.preview.example.com", "A", &[value])], None, at(0))
            .unwrap();
    }
    assert!(matches!(world.answer("a.preview.example.com", "A", at(60)),
        Answer::Values { values, .. } if values == ["192.0.2.2"]));
}

#[test]
fn names_outside_of_the_zone_and_beside_a_canonical_name_are_refused() {
    let (mut world, zone) = world();
    world.change(&zone, &[create("a.preview.example.com", "A", &["192.0.2.1"])], None, at(0)).unwrap();
    world.change(&zone, &[create("c.preview.example.com", "CNAME", &["x.org"])], None, at(0)).unwrap();
    for (change, said) in [
        (create("a.example.com", "A", &["192.0.2.1"]), "is not permitted in zone preview.example.com."),
        (
            create("xpreview.example.com", "A", &["192.0.2.1"]),
            "is not permitted in zone preview.example.com.",
        ),
        (create("a.preview.example.com", "CNAME", &["x.org"]), "conflicts with other records"),
        (create("c.preview.example.com", "TXT", &["\"x\""]), "a conflicting RRSet of type CNAME"),
        (create("preview.example.com", "CNAME", &["x.org"]), "not permitted at apex"),
        (create("a..preview.example.com", "A", &["192.0.2.1"]), "DomainLabelEmpty"),
        (create("d.preview.example.com", "A", &["example"]), "ARRDATAIllegalIPv4Address"),
    ] {
        let refusal = refusal(&mut world, &zone, &[change]);
        assert_eq!(refusal.code, "InvalidChangeBatch");
        assert!(refusal.message.contains(said), "{refusal}");
    }
}

#[test]
fn an_address_becomes_a_canonical_name_in_one_batch() {
    let (mut world, zone) = world();
    let name = "a.preview.example.com";
    world.change(&zone, &[create(name, "A", &["192.0.2.1"])], None, at(0)).unwrap();
    let batch = [delete(name, "A", &["192.0.2.1"]), create(name, "CNAME", &["x.org"])];
    assert!(world.change(&zone, &batch, None, at(1)).is_ok());
}

#[test]
fn the_zones_own_authority_stays() {
    let (mut world, zone) = world();
    let authority: Vec<RecordSet> = world.record_sets(&zone).cloned().collect();
    for set in authority {
        let delete = Change { action: Action::Delete, resource_record_set: set };
        assert!(refusal(&mut world, &zone, &[delete]).message.contains("A HostedZone must contain"));
    }
}

#[test]
fn an_alias_names_the_zone_that_its_target_lies_in() {
    let (mut world, zone) = world();
    let target = "lb-1.eu-west-1.elb.amazonaws.com";
    world.change(&zone, &[alias("*.preview.example.com", ELB, target)], None, at(0)).unwrap();
    let found = Answer::Alias { hosted_zone_id: ELB.to_owned(), name: format!("{target}.") };
    assert_eq!(world.answer("shop.preview.example.com", "A", at(60)), found);
    let name = "a.preview.example.com";
    for (change, said) in [
        (alias(name, ELB, "lb-1.us-east-1.elb.amazonaws.com"), "does not lie within the target zone"),
        (alias(name, "ZNONE", target), "the hosted zone for the alias target is not found"),
        (alias(name, &zone, "b.preview.example.com"), "but that target was not found"),
    ] {
        assert!(refusal(&mut world, &zone, &[change]).message.contains(said));
    }
}

#[test]
fn what_is_neither_values_nor_alias_is_invalid_input() {
    let (mut world, zone) = world();
    let set = RecordSet::of_values("a.preview.example.com", "A", 60, &["192.0.2.1"]);
    let nothing = RecordSet { ttl: None, resource_records: None, ..set.clone() };
    let both =
        RecordSet { alias_target: alias("a.", ELB, "b.").resource_record_set.alias_target, ..set.clone() };
    let no_ttl = RecordSet { ttl: None, ..set.clone() };
    let no_type = RecordSet { kind: "B".to_owned(), ..set };
    for (set, said) in [
        (nothing, "but found none"),
        (both, "but found more than one"),
        (no_ttl, "Missing field 'TTL'"),
        (no_type, "no type"),
    ] {
        let refusal =
            refusal(&mut world, &zone, &[Change { action: Action::Create, resource_record_set: set }]);
        assert_eq!((refusal.status, refusal.code), (400, "InvalidInput"));
        assert!(refusal.message.contains(said), "{refusal}");
    }
    assert_eq!(refusal(&mut world, &zone, &[]).code, "InvalidInput");
    assert_eq!(refusal(&mut world, "ZNONE", &[]).code, "NoSuchHostedZone");
}

#[test]
fn a_wildcard_answers_for_what_does_not_exist() {
    let (mut world, zone) = world();
    let batch = [
        create("*.preview.example.com", "A", &["192.0.2.9"]),
        create("a.preview.example.com", "TXT", &["\"x\""]),
        create("deep.b.preview.example.com", "A", &["192.0.2.1"]),
        create("c.preview.example.com", "CNAME", &["deep.b.preview.example.com"]),
        create("d.preview.example.com", "CNAME", &["example.org"]),
    ];
    world.change(&zone, &batch, None, at(0)).unwrap();
    let answer = |name: &str, kind: &str| world.answer(name, kind, at(60));
    let values = |value: &str| Answer::Values { ttl: 60, values: vec![value.to_owned()] };
    assert_eq!(answer("any.preview.example.com", "A"), values("192.0.2.9"));
    assert_eq!(answer("any.more.preview.example.com", "A"), values("192.0.2.9"));
    assert_eq!(answer("any.preview.example.com", "TXT"), Answer::NoData);
    assert_eq!(answer("a.preview.example.com", "A"), Answer::NoData);
    assert_eq!(answer("b.preview.example.com", "A"), Answer::NoData, "an empty name between exists");
    assert_eq!(
        answer("x.b.preview.example.com", "A"),
        Answer::NoSuchName,
        "its own closest name has no wildcard"
    );
    assert_eq!(answer("c.preview.example.com", "A"), values("192.0.2.1"));
    assert_eq!(answer("d.preview.example.com", "A"), Answer::Elsewhere { name: "example.org.".to_owned() });
    assert_eq!(answer("example.org", "A"), Answer::NoSuchName);
}

#[test]
fn a_zone_that_is_still_processing_takes_no_second_change() {
    let (mut world, zone) = world();
    world.settings.processing = Some(SignedDuration::from_secs(2));
    world.change(&zone, &[create("a.preview.example.com", "A", &["192.0.2.1"])], None, at(0)).unwrap();
    let next = [create("b.preview.example.com", "A", &["192.0.2.1"])];
    assert_eq!(refusal(&mut world, &zone, &next).code, "PriorRequestNotComplete");
    assert!(world.change(&zone, &next, None, at(2)).is_ok());
    assert_eq!(world.accepted_changes(), 2);
}

#[test]
fn the_account_is_throttled_on_the_wire() {
    let mut world = Route53::new(Settings::default());
    let request = Request::get("/2013-04-01/hostedzone").body(Vec::new()).unwrap();
    let statuses: Vec<u16> = (0..6).map(|_| world.handle(&request, at(0)).status().as_u16()).collect();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 400]);
    let response = world.handle(&request, at(0));
    let body = String::from_utf8(response.into_body()).unwrap();
    assert!(body.contains("<Code>Throttling</Code><Message>Rate exceeded</Message>"), "{body}");
}

#[test]
fn what_it_does_not_know_is_refused() {
    let (mut world, zone) = world();
    let mut send = |method: &str, path: &str, body: &str| {
        let request = Request::builder().method(method).uri(path).body(body.as_bytes().to_vec()).unwrap();
        let response = world.handle(&request, at(0));
        (response.status().as_u16(), String::from_utf8(response.into_body()).unwrap())
    };
    let rrset = format!("/2013-04-01/hostedzone/{zone}/rrset/");
    for (method, path, body, status, code) in [
        ("GET", "/2013-04-01/healthcheck", "", 404, "UnknownOperationException"),
        ("GET", "/other", "", 404, "UnknownOperationException"),
        ("GET", "/2013-04-01/change/CNONE", "", 404, "NoSuchChange"),
        ("GET", "/2013-04-01/hostedzone/ZNONE", "", 404, "NoSuchHostedZone"),
        ("GET", "/2013-04-01/hostedzone?marker=ZNONE", "", 404, "NoSuchHostedZone"),
        ("POST", rrset.as_str(), "<a>", 400, "InvalidInput"),
        ("GET", &format!("{rrset}?type=A"), "", 400, "InvalidInput"),
        ("GET", &format!("{rrset}?maxitems=0"), "", 400, "InvalidInput"),
        ("GET", &format!("{rrset}?maxitems=many"), "", 400, "InvalidInput"),
    ] {
        let (seen, text) = send(method, path, body);
        assert_eq!(seen, status, "{path}: {text}");
        assert!(text.contains(&format!("<Code>{code}</Code>")), "{path}: {text}");
    }
}

#[test]
fn it_is_stored_and_read_back_unchanged() {
    let (mut world, zone) = world();
    world.change(&zone, &[create("*.preview.example.com", "A", &["192.0.2.1"])], None, at(0)).unwrap();
    let text = serde_json::to_string(&world).unwrap();
    let back: Route53 = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&back).unwrap(), text);
    assert!(matches!(back.answer("x.preview.example.com", "A", at(60)), Answer::Values { .. }));
}
