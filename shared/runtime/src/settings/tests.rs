//! Variables as they may be.

use super::*;
use std::io::Write;

const SECRET: &str = "a secret of this test";

fn read(more: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let all: BTreeMap<&str, &str> =
        [("ROADSTEAD_TABLE", "roadstead"), ("SHOP_SECRET", SECRET), ("SHORT", "0123456789abcde")]
            .into_iter()
            .chain(more.iter().copied())
            .collect();
    Settings::read(&|name| all.get(name).map(|value| (*value).to_owned()))
}

fn problem(more: &[(&str, &str)]) -> String {
    read(more).err().unwrap().to_string()
}

#[test]
fn a_table_is_all_that_is_needed() {
    let settings = read(&[]).ok().unwrap();
    assert_eq!((settings.table.as_str(), settings.endpoint), ("roadstead", None));
    assert!(settings.queues.is_empty() && settings.github_hooks.is_empty() && settings.image_keys.is_empty());
    assert_eq!(problem(&[("ROADSTEAD_TABLE", "")]), "ROADSTEAD_TABLE is not set");
}

#[test]
fn everything_is_read_and_secrets_are_followed() {
    let path = std::env::temp_dir().join(format!("roadstead-settings-{}", std::process::id()));
    std::fs::File::create(&path).unwrap().write_all(b"a private key of this test\n").unwrap();
    let app = format!(r#"{{"client_id":"Iv1","private_key":"file:{}","account":99}}"#, path.display());
    let settings = read(&[
        ("ROADSTEAD_ENDPOINT", "http://127.0.0.1:4566"),
        ("ROADSTEAD_QUEUES", r#"{"accept-trigger":"https://sqs.example/1/accept-trigger"}"#),
        ("ROADSTEAD_GITHUB_APP", &app),
        (
            "ROADSTEAD_GITHUB_HOOKS",
            r#"{"shop":{"secret":"env:SHOP_SECRET","repositories":[1]},"app":{"secret":"env:SHOP_SECRET","installation":2}}"#,
        ),
        ("ROADSTEAD_IMAGE_KEYS", r#"{"web":{"secret":"env:SHOP_SECRET","images":["ghcr.io/acme/web"]}}"#),
    ]);
    std::fs::remove_file(path).unwrap();
    let settings = settings.ok().unwrap();
    assert_eq!(settings.queues["accept-trigger"], "https://sqs.example/1/accept-trigger");
    let app = settings.github_app.unwrap();
    assert_eq!((app.client_id.as_str(), app.private_key.pem()), ("Iv1", &b"a private key of this test"[..]));
    assert_eq!(settings.github_hooks["shop"].own_account, Some(99));
    assert!(settings.github_hooks["app"].secret.is(SECRET.as_bytes()));
    let key = &settings.image_keys[0];
    assert!(key.name == "web" && key.secret.is(SECRET.as_bytes()) && key.images.len() == 1);
}

#[test]
fn what_is_wrong_is_named_and_never_shown() {
    let hooks = "ROADSTEAD_GITHUB_HOOKS";
    for (value, part) in [
        ("hunter2", "line 1"),
        ("\"hunter2\"", "line 1"),
        (r#"{"shop":{"secret":"hunter2","repositories":[1]}}"#, "line 1"),
        (r#"{"shop":{"secret":"env:ABSENT","repositories":[1]}}"#, "shop: ABSENT is not set"),
        (
            r#"{"shop":{"secret":"file:/no/such/file","repositories":[1]}}"#,
            "shop: /no/such/file cannot be read",
        ),
        (r#"{"shop":{"secret":"env:SHORT","repositories":[1]}}"#, "at least 16 bytes"),
        (r#"{"shop":{"secret":"env:SHOP_SECRET"}}"#, "either"),
        (r#"{"shop":{"secret":"env:SHOP_SECRET","repositories":[1],"installation":2}}"#, "either"),
        (r#"{"a/b":{"secret":"env:SHOP_SECRET","repositories":[1]}}"#, "lower-case"),
        (r#"{"shop":{"secret":"env:SHOP_SECRET","repositories":[1],"x":1}}"#, "line 1"),
    ] {
        let problem = problem(&[(hooks, value)]);
        assert!(problem.starts_with(hooks) && problem.contains(part), "{value}: {problem}");
        assert!(!problem.contains("hunter2") && !problem.contains("0123456789abcde"), "{problem}");
    }
    let image = r#"{"web":{"secret":"env:SHOP_SECRET","images":["acme/web"]}}"#;
    assert!(problem(&[("ROADSTEAD_IMAGE_KEYS", image)]).contains("acme/web is not"));
}

#[test]
fn a_name_has_at_most_63_bytes() {
    let hook = |length: usize| {
        let name = "n".repeat(length);
        let text = format!(r#"{{"{name}":{{"secret":"env:SHOP_SECRET","repositories":[1]}}}}"#);
        read(&[("ROADSTEAD_GITHUB_HOOKS", &text)]).is_ok()
    };
    assert!(hook(63) && !hook(64) && !hook(0));
}
