//! What a file imports and hands on.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, Meta, Path, UseTree, Visibility};

/// A file's imports, as they are written.
#[derive(Default)]
pub(super) struct Module {
    /// Names in scope by a `use`, and the path of each.
    pub(super) names: BTreeMap<String, Vec<String>>,
    /// Paths of `use` that only hand names on.
    pub(super) handed_on: BTreeSet<String>,
    /// Paths in code, and those of `use …::*`.
    pub(super) paths: BTreeSet<Vec<String>>,
    /// Modules in files of their own.
    pub(super) children: BTreeSet<String>,
}

impl Module {
    pub(super) fn parse(text: &str) -> syn::Result<Self> {
        let file = syn::parse_file(text)?;
        let mut module = Self::default();
        module.visit_file(&file);
        Ok(module)
    }

    fn add_tree(&mut self, tree: &UseTree, mut path: Vec<String>, is_public: bool) {
        match tree {
            UseTree::Path(inner) => {
                path.push(inner.ident.to_string());
                self.add_tree(&inner.tree, path, is_public);
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.add_tree(tree, path.clone(), is_public);
                }
            }
            UseTree::Glob(_) => {
                self.paths.insert(path);
            }
            UseTree::Name(name) => self.add_name(&name.ident.to_string(), None, path, is_public),
            UseTree::Rename(name) => {
                let (name, new) = (name.ident.to_string(), name.rename.to_string());
                self.add_name(&name, Some(new), path, is_public);
            }
        }
    }

    fn add_name(
        &mut self,
        name: &str,
        new: Option<String>,
        mut path: Vec<String>,
        is_public: bool,
    ) {
        if name != "self" {
            path.push(name.to_owned());
        }
        let name = new.or_else(|| path.last().cloned()).unwrap_or_default();
        if is_public {
            self.handed_on.insert(name.clone());
        }
        self.names.insert(name, path);
    }
}

impl<'ast> Visit<'ast> for Module {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes = match item {
            Item::Mod(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            _ => return visit::visit_item(self, item),
        };
        if !attributes.iter().any(is_test) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if item.content.is_none() {
            self.children.insert(item.ident.to_string());
        }
        visit::visit_item_mod(self, item);
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let is_public = !matches!(item.vis, Visibility::Inherited);
        self.add_tree(&item.tree, vec![], is_public);
    }

    /// `pub(in crate::plan)` imports nothing.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    fn visit_path(&mut self, path: &'ast Path) {
        if path.segments.len() > 1 {
            let segments = path.segments.iter();
            self.paths
                .insert(segments.map(|s| s.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }
}

fn is_test(attribute: &Attribute) -> bool {
    match &attribute.meta {
        Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string().contains("test"),
        _ => false,
    }
}
