//! Applications: previews, standing environments, rights.

use super::{
    Known, following,
    limits::{RIGHT_LIMIT, STANDING_LIMIT},
    namespace, shape, workload,
};
use crate::{
    name::{EnvironmentName, TypeName},
    platform::{
        Application, Following, Otherwise, Previews, Right, Who,
        file::{FileApplication, FileEnvironment, FilePreviews, FileRepository, FileRight, FileWho},
        problem::{Problems, Text},
    },
    repository::Repository,
};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check_application(
    problems: &mut Problems,
    path: &str,
    application: &FileApplication,
    known: &Known<'_>,
) -> Option<Application> {
    let repository = check_repository(problems, &format!("{path}.repository"), &application.repository);
    let environments = check_environments(problems, path, &application.environments, known);
    let previews = match &application.previews {
        Some(previews) => {
            check_previews(problems, &format!("{path}.previews"), previews, &environments, known).map(Some)
        }
        None => Some(None),
    };
    let workloads = workload::check_workloads(problems, path, &application.workloads);
    let channel = check_channel(problems, &format!("{path}.channel"), application.channel.as_ref());
    let rights = check_rights(problems, path, &application.rights, known);
    Some(Application {
        repository: repository?,
        previews: previews?,
        environments,
        workloads,
        channel,
        rights,
    })
}

fn check_repository(problems: &mut Problems, path: &str, repository: &FileRepository) -> Option<Repository> {
    if repository.id == 0 {
        problems.add(&format!("{path}.id"), "the host's numeric id of the repository is not 0");
    }
    let full_name = problems.require(
        shape::is_full_name(&repository.name.value),
        &format!("{path}.name"),
        &repository.name,
        "a repository's name is `owner/name`",
    );
    Some(Repository { host: repository.host, id: repository.id, full_name: full_name? })
}

fn check_environments(
    problems: &mut Problems,
    path: &str,
    environments: &BTreeMap<String, FileEnvironment>,
    known: &Known<'_>,
) -> BTreeMap<EnvironmentName, Following> {
    problems.at_most(&format!("{path}.environments"), environments.len(), STANDING_LIMIT);
    let mut checked = BTreeMap::new();
    for (name, environment) in environments {
        let path = format!("{path}.environments.{name}");
        let name = check_environment_name(problems, &path, name);
        let following = check_following(problems, &path, environment, known);
        if let (Some(name), Some(following)) = (name, following) {
            checked.insert(name, following);
        }
    }
    checked
}

/// Names of previews are kept free: `pr-42` is the preview of pull request 42 and nothing else.
fn check_environment_name(problems: &mut Problems, path: &str, name: &str) -> Option<EnvironmentName> {
    let number = name.strip_prefix("pr-").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    if number {
        problems.add(path, "names of this form belong to the previews of pull requests");
    }
    problems.parse_key(path, name)
}

fn check_following(
    problems: &mut Problems,
    path: &str,
    environment: &FileEnvironment,
    known: &Known<'_>,
) -> Option<Following> {
    let kind_path = format!("{path}.type");
    let kind = check_kind(problems, &kind_path, &environment.kind, known);
    if kind.as_ref().and_then(|kind| known.types.get(kind)).is_some_and(|kind| kind.lifetime.is_some()) {
        problems.add_at(
            &environment.kind,
            &kind_path,
            "its environments have a lifetime; one that follows a branch or tags stays until it is taken out of this file",
        );
    }
    let source = following::check_source(problems, path, environment);
    let named = environment.namespace.as_ref();
    let namespace = namespace::check_namespace(problems, &format!("{path}.namespace"), named);
    Some(Following { kind: kind?, source: source?, namespace: namespace? })
}

fn check_kind(problems: &mut Problems, path: &str, text: &Text, known: &Known<'_>) -> Option<TypeName> {
    let name: TypeName = problems.parse(path, text)?;
    if !known.types.contains_key(&name) {
        problems.add_at(text, path, format_args!("there is no sound type `{name}`"));
    }
    Some(name)
}

fn check_previews(
    problems: &mut Problems,
    path: &str,
    previews: &FilePreviews,
    environments: &BTreeMap<EnvironmentName, Following>,
    known: &Known<'_>,
) -> Option<Previews> {
    let kind = check_kind(problems, &format!("{path}.type"), &previews.kind, known)?;
    let base = match &previews.base {
        Some(text) => Some(check_base(problems, &format!("{path}.base"), text, environments)?),
        None => None,
    };
    let needs_base = known.types.get(&kind).is_some_and(|kind| kind.images.otherwise == Otherwise::Base);
    if needs_base && base.is_none() {
        problems.add(path, "the type takes images from a base environment, and no `base` is named");
    }
    Some(Previews { kind, base, drafts: previews.drafts })
}

fn check_base(
    problems: &mut Problems,
    path: &str,
    text: &Text,
    environments: &BTreeMap<EnvironmentName, Following>,
) -> Option<EnvironmentName> {
    let base: EnvironmentName = problems.parse(path, text)?;
    if !environments.contains_key(&base) {
        problems.add_at(text, path, format_args!("the application has no sound environment `{base}`"));
    }
    Some(base)
}

fn check_channel(problems: &mut Problems, path: &str, channel: Option<&Text>) -> Option<String> {
    let text = channel?;
    let problem = "a channel of Slack is named by its id, such as `C0123ABCD`";
    problems.require(shape::is_slack_id(&text.value), path, text, problem)
}

fn check_rights(problems: &mut Problems, path: &str, rights: &[FileRight], known: &Known<'_>) -> Vec<Right> {
    problems.at_most(&format!("{path}.rights"), rights.len(), RIGHT_LIMIT);
    let numbered = rights.iter().enumerate();
    numbered
        .map(|(number, right)| check_right(problems, &format!("{path}.rights[{number}]"), right, known))
        .collect()
}

fn check_right(problems: &mut Problems, path: &str, right: &FileRight, known: &Known<'_>) -> Right {
    problems.at_most(&format!("{path}.who"), right.who.len(), RIGHT_LIMIT);
    let who = right.who.iter().map(|who| check_who(problems, &format!("{path}.who"), who, known)).collect();
    let types_path = format!("{path}.types");
    let types: BTreeSet<TypeName> =
        right.types.iter().filter_map(|text| check_kind(problems, &types_path, text, known)).collect();
    Right { who, verbs: right.verbs.iter().copied().collect(), types }
}

fn check_who(problems: &mut Problems, path: &str, who: &FileWho, known: &Known<'_>) -> Who {
    match who {
        FileWho::GithubUser(id) => Who::GithubUser(*id),
        FileWho::AnyGithubUser => Who::AnyGithubUser,
        FileWho::PersonAtThisMachine => Who::PersonAtThisMachine,
        FileWho::SlackUser(text) => check_slack_user(problems, path, text),
        FileWho::SlackWorkspace(text) => {
            if !shape::is_slack_id(&text.value) {
                problems.add_at(text, path, "a workspace of Slack has an id such as `T0123ABCD`");
            }
            Who::SlackWorkspace(text.value.clone())
        }
        FileWho::Pipeline(key) => Who::Pipeline(key.value.clone()),
        FileWho::Registry(name) => {
            let listed =
                |known: &super::RegistryAccount| [&known.account, &known.host].contains(&&name.value);
            if !known.registries.iter().any(listed) {
                problems.add_at(
                    name,
                    path,
                    "no registry of this account or host is listed under `registries`",
                );
            }
            Who::Registry(name.value.clone())
        }
    }
}

fn check_slack_user(problems: &mut Problems, path: &str, text: &Text) -> Who {
    let (team, id) = text.value.split_once('/').unwrap_or_default();
    if !shape::is_slack_id(team) || !shape::is_slack_id(id) {
        problems.add_at(
            text,
            path,
            "a user of Slack is `WORKSPACE/USER` by ids, such as `T0123ABCD/U0456EFGH`",
        );
    }
    Who::SlackUser { team: team.to_owned(), id: id.to_owned() }
}
