use contract::paths::AUTH;

use super::{example_settings, needs_file, reference_page};
use crate::methods::ALL;
use crate::{AutoAuth, Flavour, LoginSettings, Mount};

#[test]
fn every_method_and_key_is_on_the_page() {
    let page = reference_page();
    for method in ALL {
        let heading = format!("\n## `{}`\n", method.name);
        let (_, section) = page.split_once(&heading).unwrap();
        let section = section.split("\n## ").next().unwrap();
        for key in method.keys {
            let rows = section
                .lines()
                .filter(|line| line.starts_with(&format!("| `{}` |", key.name)));
            assert_eq!(rows.count(), 1, "{}: {}", method.name, key.name);
        }
        for rule in method.rules {
            assert!(section.contains(rule.sentence), "{}", rule.sentence);
        }
    }
}

#[test]
fn every_row_has_as_many_cells_as_its_table() {
    let page = reference_page();
    let mut cells = 0;
    for line in page.lines() {
        let here = line.matches('|').count();
        if here > 0 && cells > 0 {
            assert_eq!(here, cells, "{line}");
        }
        cells = here;
    }
}

#[test]
fn every_example_is_accepted() {
    let mounted = [Mount {
        path: AUTH,
        read_only: true,
    }];
    for method in ALL {
        let settings = LoginSettings {
            role: method.role_key.map(|_| "web"),
            config: example_settings(method)
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.into()))
                .collect(),
            mounts: if needs_file(method) { &mounted } else { &[] },
            ..LoginSettings::default()
        };
        let error = AutoAuth::new(method, Flavour::Vault, &settings).err();
        let error = error.map(|problems| problems.to_string());
        assert_eq!(error, None, "{}", method.name);
    }
}

#[test]
fn the_page() {
    insta::assert_snapshot!(reference_page());
}
