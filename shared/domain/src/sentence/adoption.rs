//! Taking over what was there before: what must be annotated, what would change, and how to agree.

use super::comment::plain;
use crate::{
    adoption::{Change, Difference, FieldChange},
    name::EnvironmentId,
    plan::mark::{ADOPT_ANNOTATION, AGREED_ANNOTATION},
};
use serde_json::Value;

/// The most lines of a difference that are told.
pub const DIFFERENCE_LINES: usize = 200;
/// The most characters of a difference that are told.
pub const DIFFERENCE_LIMIT: usize = 20_000;
/// The most characters of a value, and of a path, that are told.
const VALUE_LIMIT: usize = 200;
/// The most objects that are named at once.
const OBJECTS_TOLD: usize = 20;

/// A namespace that the platform configuration names is somebody else's.
pub fn foreign_namespace(namespace: &str, adopter: Option<&str>, mark: &str) -> String {
    let whose = match adopter {
        None => String::new(),
        Some(other) => format!(" It is annotated for `{}`.", plain(other)),
    };
    format!(
        "A Namespace `{namespace}` exists and is not ours: it stays as it is.{whose} If this environment is to take it over, a \
         platform engineer says so: `kubectl annotate --overwrite namespace {namespace} {ADOPT_ANNOTATION}={mark}`. What that \
         changes is shown before it happens."
    )
}

/// Objects that are in the way, in a namespace that may be taken over.
pub fn foreign_objects(namespace: &str, objects: &[(String, String)], mark: &str) -> String {
    let told: Vec<_> = objects
        .iter()
        .take(OBJECTS_TOLD)
        .map(|(kind, name)| format!("{}/{name}", kind.to_lowercase()))
        .collect();
    let more = match objects.len() - told.len() {
        0 => String::new(),
        more => format!("\nAnd {more} more."),
    };
    format!(
        "In the namespace `{namespace}` there are objects that this environment needs the names of, and that are not ours: they \
         stay as they are. Rename yours, or let them be taken over, too: `kubectl annotate --overwrite -n {namespace} {} \
         {ADOPT_ANNOTATION}={mark}`{more}",
        told.join(" ")
    )
}

/// What taking over changes, and how to agree to it. How to agree comes first: what comes last is cut where there is little room.
pub fn difference(
    namespace: &str,
    agreement: &str,
    environment: &EnvironmentId,
    differences: &[Difference],
) -> String {
    format!(
        "The namespace `{namespace}` holds what was made without Roadstead. It is taken over once a person agrees to what that \
         changes, and nothing in it changes before. To agree, type `kubectl annotate --overwrite namespace {namespace} \
         {AGREED_ANNOTATION}={agreement}`, and then try `{environment}` again (`retry {environment}`). This changes:{}",
        listed(differences)
    )
}

/// One line for each change, the gravest first; what is too much is counted.
fn listed(differences: &[Difference]) -> String {
    let mut graded: Vec<&Difference> = differences.iter().collect();
    graded.sort_by_key(|difference| match difference.change {
        Change::Recreated { .. } => 0,
        Change::InPlace(_) => 1,
        Change::Made => 2,
    });
    let lines: Vec<String> = graded.into_iter().flat_map(lines).collect();
    let (mut listed, mut room) = (String::new(), DIFFERENCE_LIMIT);
    for (told, line) in lines.iter().enumerate() {
        let length = line.chars().count() + 1;
        if told == DIFFERENCE_LINES || length > room {
            return format!(
                "{listed}\n… and {} more, not listed. Agreeing covers them as well.",
                lines.len() - told
            );
        }
        room -= length;
        listed.push('\n');
        listed.push_str(line);
    }
    listed
}

fn lines(difference: &Difference) -> Vec<String> {
    let subject = format!("{} `{}`", difference.kind, difference.name);
    let beside = difference.beside.iter().map(|name| {
        let name = shortened(name);
        format!("{subject}: the container `{name}` stays beside those of the Score file. To replace it, name one of them `{name}`.")
    });
    let changed = match &difference.change {
        Change::Made => vec![format!("{subject} will be made.")],
        Change::Recreated { field } => {
            vec![format!("{subject} will be deleted and created again: {field} of it cannot be changed.")]
        }
        Change::InPlace(changes) if changes.is_empty() => vec![format!("{subject} stays as it is.")],
        Change::InPlace(changes) => {
            changes.iter().map(|change| format!("{subject}: {}", field(change))).collect()
        }
    };
    beside.chain(changed).collect()
}

fn field(FieldChange { path, old, new, secret }: &FieldChange) -> String {
    let shown = |value: &Option<Value>, hidden: &str| match value {
        None => "nothing".to_owned(),
        Some(_) if *secret => hidden.to_owned(),
        Some(value) => shortened(&value.to_string()),
    };
    format!("{}: {} → {}", shortened(path), shown(old, "a value"), shown(new, "another value"))
}

/// At most so many characters on one line, without the marks that would end a quotation.
fn shortened(text: &str) -> String {
    let mut shown: String = plain(text).chars().take(VALUE_LIMIT).collect();
    if shown.chars().count() < text.chars().count() {
        shown.pop();
        shown.push('…');
    }
    shown
}

/// Something writes our mark onto an object again at once.
pub fn mark_stays(kind: &str, name: &str) -> String {
    format!(
        "The {kind} `{name}` is to be given back, and our mark stays on it, because something in the cluster writes it again at \
         once: take the labels and annotations of Roadstead out of what an admission webhook or another tool writes there."
    )
}

/// Our right in a namespace that is to be given back is not there, or is not seen yet.
pub fn right_gone(namespace: &str) -> String {
    format!(
        "Roadstead may not look into the namespace `{namespace}`, which is to be given back: the right was bound again, and it is \
         tried again."
    )
}

/// The environment lives in one namespace, and the platform configuration names another.
pub fn lives_elsewhere(environment: &EnvironmentId, there: &str, named: &str) -> String {
    format!(
        "`{environment}` lives in the namespace `{there}`, and the platform configuration now says `{named}`. An environment \
         does not move: take the change back, or destroy the environment first and create it again."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_objects_are_named_and_the_rest_is_counted() {
        let of = |count: usize| {
            let object = |number| ("Service".to_owned(), format!("s{number}"));
            foreign_objects("live", &(1..=count).map(object).collect::<Vec<_>>(), "demo/shop/staging")
        };
        let (all, more) = (of(OBJECTS_TOLD), of(OBJECTS_TOLD + 1));
        assert_eq!((all.matches("service/").count(), all.contains("more")), (OBJECTS_TOLD, false));
        assert_eq!(more.matches("service/").count(), OBJECTS_TOLD);
        assert!(more.ends_with("\nAnd 1 more."), "{more}");
    }

    #[test]
    fn so_much_of_a_value_is_told() {
        let (all, cut) = (shortened(&"ü".repeat(VALUE_LIMIT)), shortened(&"ü".repeat(VALUE_LIMIT + 1)));
        assert_eq!((all.chars().count(), all.ends_with('ü')), (VALUE_LIMIT, true));
        assert_eq!((cut.chars().count(), cut.ends_with("ü…")), (VALUE_LIMIT, true));
    }
}
