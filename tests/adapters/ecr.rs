//! A registry through the SDK against the model of ECR.

use super::aws::{ENDPOINT, answered_by};
use jiff::Timestamp;
use roadstead_aws::registry::{Ecr, TAGS_LIMIT};
use roadstead_domain::image::{Digest, ImageRepository, Tag};
use roadstead_steps::nouns::{CallError, Registry};
use roadstead_worlds::ecr::{Image, Settings};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

type Model = roadstead_worlds::ecr::Ecr;

const REVISION: &str = "0123456789abcdef0123456789abcdef01234567";

fn now() -> Timestamp {
    Timestamp::from_second(1_790_000_000).unwrap()
}

fn registry() -> (Ecr, Arc<Mutex<Model>>, ImageRepository) {
    let (account, region) = ("123456789012".to_owned(), "eu-west-1".to_owned());
    let mut model = Model::new(Settings { account, region, endpoint: ENDPOINT.into(), throttled: false });
    model.create_repository("shop/web", false, now()).unwrap();
    let repository = ImageRepository { registry: model.host(), path: "shop/web".into() };
    let model = Arc::new(Mutex::new(model));
    let asked = model.clone();
    let aws = answered_by(move |request| asked.lock().unwrap().handle(request, now()));
    (Ecr::new(aws), model, repository)
}

fn image(architectures: &[&str], attestations: bool) -> Image {
    let architectures = architectures.iter().map(|&architecture| architecture.to_owned()).collect();
    Image { architectures, attestations, ..Image::of_revision(REVISION) }
}

fn push(model: &Mutex<Model>, tag: &str, image: &Image) -> Digest {
    let pushed = model.lock().unwrap().push("shop/web", tag, image, now()).unwrap();
    pushed.digest.parse().unwrap()
}

fn tag(text: &str) -> Tag {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_tag_names_what_was_pushed_last() {
    let (registry, model, repository) = registry();
    assert_eq!(registry.digest(&repository, &tag("main")).await, Ok(None));
    let one = push(&model, "main", &image(&["amd64"], false));
    assert_eq!(registry.digest(&repository, &tag("main")).await, Ok(Some(one.clone())));
    let other = push(&model, "main", &image(&["amd64", "arm64"], true));
    assert_ne!(one, other);
    assert_eq!(registry.digest(&repository, &tag("main")).await, Ok(Some(other)));
}

#[tokio::test]
async fn all_tags_are_read_page_by_page_and_too_many_are_an_error() {
    let (registry, model, repository) = registry();
    assert_eq!(registry.tags(&repository).await, Ok(vec![]));
    let digest = push(&model, "t0", &image(&["amd64"], false));
    let fill = |from: usize, to: usize| {
        for number in from..to {
            let tag = format!("t{number}");
            model.lock().unwrap().retag("shop/web", digest.as_str(), &tag, now()).unwrap();
        }
    };
    fill(1, TAGS_LIMIT);
    let all: BTreeSet<Tag> = registry.tags(&repository).await.unwrap().into_iter().collect();
    assert_eq!(all, (0..TAGS_LIMIT).map(|number| tag(&format!("t{number}"))).collect());
    fill(TAGS_LIMIT, TAGS_LIMIT + 1);
    assert!(matches!(registry.tags(&repository).await, Err(CallError::Refused { .. })));
    let elsewhere = ImageRepository { path: "shop/none".into(), ..repository };
    assert!(matches!(registry.tags(&elsewhere).await, Err(CallError::Missing { .. })));
}

#[test]
fn a_registry_of_another_kind_is_not_asked() {
    let (registry, _, repository) = registry();
    let other = ImageRepository { registry: "ghcr.io".into(), ..repository.clone() };
    assert!(registry.reads(&repository) && !registry.reads(&other));
}

#[tokio::test]
async fn an_image_says_its_commit_and_platforms() {
    let (registry, model, repository) = registry();
    for (architectures, attestations) in [
        (vec!["amd64"], false),
        (vec!["arm64"], true),
        (vec!["amd64", "arm64"], false),
        (vec!["arm64", "amd64"], true),
    ] {
        let digest = push(&model, "main", &image(&architectures, attestations));
        let details = registry.details(&repository, &digest).await.unwrap().unwrap();
        assert_eq!(details.revision.map(String::from).as_deref(), Some(REVISION));
        let platforms = architectures.iter().map(|architecture| format!("linux/{architecture}"));
        assert_eq!(details.platforms, platforms.collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn an_image_need_not_say_its_commit() {
    let (registry, model, repository) = registry();
    let labels = BTreeMap::from([("org.opencontainers.image.title".to_owned(), "web".to_owned())]);
    let digest = push(&model, "main", &Image { revision: None, labels, ..image(&["amd64"], false) });
    let details = registry.details(&repository, &digest).await.unwrap().unwrap();
    assert_eq!((details.revision, details.platforms), (None, vec!["linux/amd64".to_owned()]));
}

#[tokio::test]
async fn the_details_of_one_image_take_three_calls_and_of_several_four() {
    let (registry, model, repository) = registry();
    for (architectures, calls) in [(vec!["amd64"], 3), (vec!["amd64", "arm64"], 4)] {
        let digest = push(&model, "main", &image(&architectures, false));
        let before = model.lock().unwrap().requests();
        registry.details(&repository, &digest).await.unwrap();
        assert_eq!(model.lock().unwrap().requests() - before, calls);
    }
}

#[tokio::test]
async fn what_is_not_there_is_told_apart() {
    let (registry, _, repository) = registry();
    let digest = format!("sha256:{}", "0".repeat(64)).parse().unwrap();
    assert_eq!(registry.details(&repository, &digest).await, Ok(None));
    let unknown = ImageRepository { path: "shop/none".into(), ..repository.clone() };
    let answer = registry.digest(&unknown, &tag("main")).await;
    assert!(matches!(answer, Err(CallError::Missing { .. })), "{answer:?}");
    let other_account = ImageRepository { registry: repository.registry.replace('1', "2"), ..repository };
    let answer = registry.details(&other_account, &digest).await;
    assert!(matches!(answer, Err(CallError::Missing { .. })), "{answer:?}");
}

#[tokio::test]
async fn a_registry_elsewhere_is_never_asked() {
    let (registry, model, _) = registry();
    let elsewhere = ImageRepository { registry: "ghcr.io".into(), path: "shop/web".into() };
    let answer = registry.digest(&elsewhere, &tag("main")).await;
    assert!(matches!(answer, Err(CallError::Refused { .. })), "{answer:?}");
    assert_eq!(model.lock().unwrap().requests(), 0);
}

#[tokio::test]
async fn a_throttled_registry_says_so() {
    let (registry, model, repository) = registry();
    model.lock().unwrap().settings.throttled = true;
    let answer = registry.digest(&repository, &tag("main")).await;
    assert!(matches!(answer, Err(CallError::Throttled { .. })), "{answer:?}");
}
