//! Git, as much of it as matters here: commits with whole trees, ancestry, and three-way merges file by file.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What a commit does to one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileChange<'a> {
    /// The file holds this now.
    Put(&'a str, &'a [u8]),
    /// The path is a symbolic link to this target now.
    Link(&'a str, &'a str),
    /// The path is gone.
    Delete(&'a str),
}

/// A commit; ids have the form of Git's, 40 hexadecimal digits.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Commit {
    /// The commits that it follows; the first is the one that was on the branch.
    pub parents: Vec<String>,
    /// What it says.
    pub message: String,
    /// Who made it, by login.
    pub author: String,
    /// When.
    pub date: Timestamp,
    pub(super) tree: Tree,
}

pub(super) type Tree = BTreeMap<String, Entry>;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) symlink: bool,
    pub(super) blob: String,
}

/// The objects of a network of forks.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Objects {
    pub(super) commits: BTreeMap<String, Commit>,
    blobs: BTreeMap<String, String>,
}

/// How one path differs between two trees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Difference {
    Added,
    Modified,
    Removed,
}

impl Objects {
    /// Stores a commit and returns its id.
    pub(super) fn commit(&mut self, commit: Commit) -> String {
        let parents = commit.parents.join(" ");
        let (tree, date) = (tree_id(&commit.tree), commit.date);
        let text = format!("commit {tree} {parents} {} {date} {}", commit.author, commit.message);
        let id = object_id(text.as_bytes());
        self.commits.insert(id.clone(), commit);
        id
    }

    /// The tree that a parent's becomes by some changes.
    pub(super) fn changed(&mut self, parent: Option<&str>, changes: &[FileChange<'_>]) -> Tree {
        let mut tree =
            parent.and_then(|id| self.commits.get(id)).map(|it| it.tree.clone()).unwrap_or_default();
        for change in changes {
            match change {
                FileChange::Put(path, content) => {
                    tree.insert((*path).to_owned(), self.entry(content, false));
                }
                FileChange::Link(path, target) => {
                    tree.insert((*path).to_owned(), self.entry(target.as_bytes(), true));
                }
                FileChange::Delete(path) => {
                    tree.remove(*path);
                }
            }
        }
        tree
    }

    fn entry(&mut self, content: &[u8], symlink: bool) -> Entry {
        let blob = object_id(&[format!("blob {}\0", content.len()).as_bytes(), content].concat());
        self.blobs.insert(blob.clone(), STANDARD.encode(content));
        Entry { symlink, blob }
    }

    pub(super) fn content(&self, entry: &Entry) -> Vec<u8> {
        self.blobs.get(&entry.blob).and_then(|text| STANDARD.decode(text).ok()).unwrap_or_default()
    }

    /// A commit and everything before it, nearest first.
    fn history(&self, id: &str) -> Vec<&str> {
        let (mut seen, mut order) = (BTreeSet::new(), Vec::new());
        let mut next: VecDeque<&str> =
            self.commits.get_key_value(id).map(|(id, _)| id.as_str()).into_iter().collect();
        while let Some(id) = next.pop_front() {
            if seen.insert(id) {
                order.push(id);
                next.extend(
                    self.commits.get(id).into_iter().flat_map(|it| it.parents.iter().map(String::as_str)),
                );
            }
        }
        order
    }

    /// Whether `ancestor` is `id` or before it.
    pub(super) fn contains(&self, id: &str, ancestor: &str) -> bool {
        self.history(id).contains(&ancestor)
    }

    /// How many commits `head` has that `base` has not.
    pub(super) fn ahead(&self, base: &str, head: &str) -> usize {
        let known: BTreeSet<&str> = self.history(base).into_iter().collect();
        self.history(head).into_iter().filter(|id| !known.contains(id)).count()
    }

    /// The tree of both together, `None` when both changed one path differently.
    pub(super) fn merged_tree(&self, ours: &str, theirs: &str) -> Option<Tree> {
        let known: BTreeSet<&str> = self.history(ours).into_iter().collect();
        let common = self.history(theirs).into_iter().find(|id| known.contains(id));
        let empty = Tree::new();
        let tree =
            |id: Option<&str>| id.and_then(|id| self.commits.get(id)).map_or(&empty, |commit| &commit.tree);
        let (base, ours, theirs) = (tree(common), tree(Some(ours)), tree(Some(theirs)));
        let paths: BTreeSet<&String> = base.keys().chain(ours.keys()).chain(theirs.keys()).collect();
        let mut merged = Tree::new();
        for path in paths {
            let (before, our, their) = (base.get(path), ours.get(path), theirs.get(path));
            let after = match (our == before, their == before) {
                (true, _) => their,
                (_, true) => our,
                _ if our == their => our,
                _ => return None,
            };
            merged.extend(after.map(|entry| (path.clone(), entry.clone())));
        }
        Some(merged)
    }

    /// What a commit changed against its first parent.
    pub(super) fn differences(&self, id: &str) -> Vec<(&str, Difference)> {
        let Some(commit) = self.commits.get(id) else { return Vec::new() };
        let parent = commit.parents.first().and_then(|parent| self.commits.get(parent));
        let before = |path: &String| parent.and_then(|parent| parent.tree.get(path));
        let mut found = Vec::new();
        for (path, entry) in &commit.tree {
            match before(path) {
                None => found.push((path.as_str(), Difference::Added)),
                Some(old) if old != entry => found.push((path.as_str(), Difference::Modified)),
                Some(_) => {}
            }
        }
        let old = parent.into_iter().flat_map(|parent| parent.tree.keys());
        let removed = old.filter(|path| !commit.tree.contains_key(*path));
        found.extend(removed.map(|path| (path.as_str(), Difference::Removed)));
        found
    }
}

pub(super) fn tree_id(tree: &Tree) -> String {
    let lines: Vec<String> =
        tree.iter().map(|(path, entry)| format!("{path} {} {}", entry.symlink, entry.blob)).collect();
    object_id(format!("tree {}", lines.join("\n")).as_bytes())
}

fn object_id(bytes: &[u8]) -> String {
    hex::encode(&Sha256::digest(bytes)[..20])
}
