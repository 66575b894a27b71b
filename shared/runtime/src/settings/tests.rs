//! Variables as they may be.

use super::{doors::NAME_LIMIT, *};
use roadstead_senders::{github::Hook, images::Key, slack::Workspace};
use roadstead_steps::nouns::{CallError, Secrets};
use std::io::Write;

const SECRET: &str = "a secret of this test";

const KEPT: &str = "a secret that is kept";

struct Vault;

#[async_trait::async_trait]
impl Secrets for Vault {
    async fn read(&self, name: &str) -> Result<Vec<u8>, CallError> {
        match name {
            "roadstead/hook" => Ok(KEPT.as_bytes().to_vec()),
            other => Err(CallError::Missing { reason: other.to_owned() }),
        }
    }
}

/// Everything that a process may ask of its settings.
struct All {
    settings: Settings,
    hooks: BTreeMap<String, Hook>,
    keys: Vec<Key>,
    engineers: Vec<roadstead_senders::configuration::Key>,
    clusters: Reached,
    app: Option<GithubApp>,
}

fn read(more: &[(&str, &str)]) -> Result<All, SettingsError> {
    let given = [("ROADSTEAD_TABLE", "roadstead"), ("SHOP_SECRET", SECRET), ("SHORT", "0123456789abcde")];
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let all: BTreeMap<String, String> = given.into_iter().chain(more.iter().copied()).map(owned).collect();
    let has_app = all.contains_key("ROADSTEAD_GITHUB_APP");
    let settings = Settings::read(Arc::new(move |name| all.get(name).cloned()))?;
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        Ok(All {
            hooks: settings.github_hooks(&Vault).await?,
            keys: settings.image_keys(&Vault).await?,
            engineers: settings.configuration_keys(&Vault).await?,
            clusters: settings.clusters(&Vault).await?,
            app: if has_app { Some(settings.github_app(&Vault).await?) } else { None },
            settings,
        })
    })
}

fn problem(more: &[(&str, &str)]) -> String {
    read(more).err().unwrap().to_string()
}

#[test]
fn a_table_is_all_that_is_needed() {
    let all = read(&[]).ok().unwrap();
    assert_eq!(all.settings.table, "roadstead");
    assert!(
        all.settings.queues.is_empty()
            && all.hooks.is_empty()
            && all.keys.is_empty()
            && all.engineers.is_empty()
    );
    assert!(all.clusters.kubeconfigs.is_empty() && all.clusters.eks_names.is_empty());
    assert_eq!(problem(&[("ROADSTEAD_TABLE", "")]), "ROADSTEAD_TABLE is not set");
}

#[test]
fn everything_is_read_and_secrets_are_followed() {
    let path = std::env::temp_dir().join(format!("roadstead-settings-{}", std::process::id()));
    std::fs::File::create(&path).unwrap().write_all(b"a private key of this test\n").unwrap();
    let app = format!(r#"{{"id":7,"installation":9,"private_key":"file:{}"}}"#, path.display());
    let all = read(&[
        ("ROADSTEAD_QUEUES", r#"{"undo-create-dns":"https://sqs.example/1/undo-create-dns"}"#),
        ("ROADSTEAD_GITHUB_APP", &app),
        (
            "ROADSTEAD_GITHUB_HOOKS",
            r#"{"shop":{"secret":"env:SHOP_SECRET","repositories":[1]},"app":{"secret":"secretsmanager:roadstead/hook","installation":2,"account":99,"app":900}}"#,
        ),
        ("ROADSTEAD_IMAGE_KEYS", r#"{"web":{"secret":"env:SHOP_SECRET","images":["ghcr.io/acme/web"]}}"#),
        ("ROADSTEAD_CONFIGURATION_KEYS", r#"{"platform":{"secret":"secretsmanager:roadstead/hook"}}"#),
        ("ROADSTEAD_CLUSTERS", r#"{"main":{"eks":"prod-1"},"local":{"kubeconfig":"env:SHOP_SECRET"}}"#),
    ]);
    std::fs::remove_file(path).unwrap();
    let all = all.ok().unwrap();
    let (destination, url) = all.settings.queues.first_key_value().unwrap();
    assert_eq!(
        (destination.to_string(), url.as_str()),
        ("undo-create-dns".to_owned(), "https://sqs.example/1/undo-create-dns")
    );
    let app = all.app.unwrap();
    assert_eq!((app.id, app.installation, app.api.as_deref()), (7, 9, None));
    assert_eq!(app.private_key.bytes(), b"a private key of this test");
    assert!(all.hooks["shop"].secret.is(SECRET.as_bytes()) && all.hooks["app"].secret.is(KEPT.as_bytes()));
    assert_eq!((all.hooks["shop"].own_account, all.hooks["app"].own_account), (None, Some(99)));
    assert_eq!((all.hooks["shop"].own_app, all.hooks["app"].own_app), (None, Some(900)));
    assert!(all.engineers[0].name == "platform" && all.engineers[0].secret.is(KEPT.as_bytes()));
    assert!(all.keys[0].name == "web" && all.keys[0].secret.is(SECRET.as_bytes()));
    assert_eq!(all.clusters.eks_names[&"main".parse().unwrap()], "prod-1");
    assert_eq!(all.clusters.kubeconfigs[&"local".parse().unwrap()], SECRET);
}

fn slack(
    workspace: Option<&str>,
    bot: Option<&str>,
) -> Result<(Option<Workspace>, Option<SlackBot>), String> {
    let given = [("ROADSTEAD_SLACK", workspace), ("ROADSTEAD_SLACK_BOT", bot)];
    let given: BTreeMap<_, _> =
        given.into_iter().filter_map(|(name, value)| Some((name, value?.to_owned()))).collect();
    let variables = move |name: &str| match name {
        "ROADSTEAD_TABLE" => Some("roadstead".to_owned()),
        "SHOP_SECRET" => Some(SECRET.to_owned()),
        _ => given.get(name).cloned(),
    };
    let settings = Settings::read(Arc::new(variables)).map_err(|error| error.to_string())?;
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let workspace = settings.slack_workspace(&Vault).await.map_err(|error| error.to_string())?;
        let bot = settings.slack_bot(&Vault).await.map_err(|error| error.to_string())?;
        Ok((workspace, bot))
    })
}

#[test]
fn slack_may_be_left_out_and_what_it_signs_with_is_a_reference() {
    let (workspace, bot) = slack(None, None).unwrap();
    assert!(workspace.is_none() && bot.is_none());
    let signing = r#"{"signing_secret":"env:SHOP_SECRET","team":"T1","app":"A1"}"#;
    let (workspace, bot) =
        slack(Some(signing), Some(r#"{"token":"secretsmanager:roadstead/hook"}"#)).unwrap();
    let (workspace, bot) = (workspace.unwrap(), bot.unwrap());
    assert!(workspace.signing_secret.is(SECRET.as_bytes()));
    assert_eq!((workspace.team.as_str(), workspace.app.as_str()), ("T1", "A1"));
    assert_eq!((bot.token.bytes(), bot.api, bot.hooks), (KEPT.as_bytes(), None, None));
    let elsewhere = r#"{"token":"env:SHOP_SECRET","api":"http://a","hooks":"http://h"}"#;
    let bot = slack(None, Some(elsewhere)).unwrap().1.unwrap();
    assert_eq!((bot.api.as_deref(), bot.hooks.as_deref()), (Some("http://a"), Some("http://h")));
    for (team, app) in [("A1", "T1"), ("T1 ", "A1"), ("", "A1")] {
        let text = format!(r#"{{"signing_secret":"env:SHOP_SECRET","team":"{team}","app":"{app}"}}"#);
        assert!(slack(Some(&text), None).err().unwrap().starts_with("ROADSTEAD_SLACK: an id"), "{text}");
    }
    let inline = slack(None, Some(r#"{"token":"xoxb-hunter2"}"#)).err().unwrap();
    assert!(inline.starts_with("ROADSTEAD_SLACK_BOT") && !inline.contains("hunter2"), "{inline}");
}

#[test]
fn a_cluster_and_a_queue_have_names() {
    assert!(problem(&[("ROADSTEAD_CLUSTERS", r#"{"Main!":{"eks":"a"}}"#)]).contains("Main!: not a name"));
    let absent = problem(&[("ROADSTEAD_CLUSTERS", r#"{"main":{"kubeconfig":"secretsmanager:none"}}"#)]);
    assert!(absent.contains("main: the secret none cannot be read"), "{absent}");
    let queue = problem(&[("ROADSTEAD_QUEUES", r#"{"apply":"https://sqs.example/1/apply"}"#)]);
    assert_eq!(queue, "ROADSTEAD_QUEUES: apply: no function has a queue of this name");
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
    let engineer = r#"{"Platform!":{"secret":"env:SHOP_SECRET"}}"#;
    assert!(problem(&[("ROADSTEAD_CONFIGURATION_KEYS", engineer)]).contains("lower-case"));
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
    assert!(hook(NAME_LIMIT) && !hook(NAME_LIMIT + 1) && !hook(0));
}
