//! Wiring: which kind stands behind each noun in this stack.

use super::{
    Options,
    doors::{self, Doors, HOOK},
    dynamodb::stand_in,
    local_file::kubeconfig,
    secrets::Secrets,
    worlds::{Addresses, Worlds, chat, seed},
};
use crate::problem::Problem;
use roadstead_aws::{dns::Route53, registry::Ecr};
use roadstead_kubernetes::{KubeClusters, Kubeconfig};
use roadstead_runtime::door::{
    ConfigurationsDoor, GithubDoor, HttpApi, ImagesDoor, Notebook, RegistryDoor, SlackDoor,
};
use roadstead_senders::{Secret, configuration, github, images, slack};
use roadstead_steps::{
    context::Context,
    functions::Outside,
    nouns::{CallError, Clusters, Time},
};
use roadstead_web::{github::Github, slack::Slack};
use std::{path::Path, sync::Arc};

/// Refuses a kubeconfig that cannot be read, before anything is begun with it.
pub(super) async fn usable(kubeconfig: &Path) -> Result<(), Problem> {
    let names = seed::cluster_names()?;
    let clusters = names.iter().map(|name| (name.clone(), Kubeconfig::File(kubeconfig.to_owned())));
    let clusters = KubeClusters::new(clusters);
    for name in &names {
        clusters.open(name).await.map_err(|_| {
            let file = kubeconfig.display();
            Problem::new(
                format!("{file} cannot be used as a kubeconfig"),
                format!("name with `--kubeconfig` a file with which `kubectl --kubeconfig {file} get namespaces` answers"),
            )
        })?;
    }
    Ok(())
}

/// The clusters as Roadstead reaches them.
pub(super) fn clusters(
    options: &Options,
    addresses: &Addresses,
    secrets: &Secrets,
) -> Result<Arc<dyn Clusters>, Problem> {
    let mut reached = vec![];
    for name in seed::cluster_names()? {
        let kubeconfig = match (&options.kubeconfig, addresses.clusters.get_key_value(&name)) {
            (Some(path), _) => Kubeconfig::File(path.clone()),
            (None, sandbox) => Kubeconfig::Text(kubeconfig(sandbox, "roadstead", &secrets.cluster_roadstead)),
        };
        reached.push((name, kubeconfig));
    }
    Ok(Arc::new(KubeClusters::new(reached)))
}

/// Everything outside that the functions talk to: the worlds, through the clients that talk to the originals.
pub(super) fn outside(
    worlds: &Worlds,
    addresses: &Addresses,
    secrets: &Secrets,
    clusters: Arc<dyn Clusters>,
    time: &Arc<dyn Time>,
) -> Result<Outside, Problem> {
    let settings = seed::github_settings(worlds, &addresses.code)?;
    let host = Github::new(settings, time.clone()).map_err(|error| failed("GitHub's client", &error))?;
    let chat = Slack::new(chat::client(&addresses.chat, secrets));
    Ok(Outside {
        host: Arc::new(host),
        chat: Some(Arc::new(chat.map_err(|error| failed("Slack's client", &error))?)),
        registry: Arc::new(Ecr::new(stand_in(&addresses.registry))),
        dns: Arc::new(Route53::new(stand_in(&addresses.names))),
        clusters,
    })
}

/// The doors, with what they verify with.
pub(super) fn doors(context: &Context, secrets: &Secrets, worlds: &Worlds) -> Result<axum::Router, Problem> {
    let notebook = Notebook::from(context.clone());
    let secret = |text: &str| Secret::new(text).map_err(|error| Problem::unexpected(error.to_string()));
    let hook = github::Hook {
        secret: secret(&secrets.github)?,
        bound_to: github::Binding::Installation(worlds.code.read(|code| code.installation)),
        own_account: Some(seed::APP),
        own_app: Some(seed::APP),
    };
    let key = images::Key {
        name: "ci".to_owned(),
        secret: secret(&secrets.images)?,
        images: seed::image_repositories()?,
    };
    let engineer =
        configuration::Key { name: "platform".to_owned(), secret: secret(&secrets.configurations)? };
    let (team, app) = worlds.chat.read(|slack| (slack.app().team.clone(), slack.app().id.clone()));
    let workspace = slack::Workspace { signing_secret: secret(&secrets.slack)?, team, app };
    Ok(doors::router(Doors {
        github: GithubDoor { notebook: notebook.clone(), hooks: [(HOOK.to_owned(), hook)].into() },
        api: HttpApi {
            images: ImagesDoor { notebook: notebook.clone(), keys: vec![key] },
            configurations: ConfigurationsDoor { notebook: notebook.clone(), keys: vec![engineer] },
        },
        slack: SlackDoor { notebook: notebook.clone(), workspace: Some(workspace) },
        registry: RegistryDoor { notebook },
    }))
}

/// Something without which nothing can start.
pub(super) fn failed(what: &str, error: &CallError) -> Problem {
    Problem::unexpected(format!("{what} could not be made: {error}"))
}
