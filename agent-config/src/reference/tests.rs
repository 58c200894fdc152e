use super::reference_page;
use crate::methods::ALL;

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
fn the_page() {
    insta::assert_snapshot!(reference_page());
}
