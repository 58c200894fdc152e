use super::{Permissions, Source, Sources, Use, may, table};

const USES: [Use; 3] = [Use::Read, Use::Write, Use::Login];

fn all_permissions() -> impl Iterator<Item = Permissions> {
    (0..8_u8).map(|bits| Permissions {
        asked: bits & 1 != 0,
        config_maps_write: bits & 2 != 0,
        secrets_write: bits & 4 != 0,
    })
}

/// Written out once more, cell by cell: a change of the rule must be meant.
#[test]
fn rule_is_the_table_of_the_decision() {
    for allow in all_permissions() {
        let row = |source| USES.map(|wanted| may(source, wanted, allow));
        let Permissions {
            asked,
            config_maps_write: maps,
            secrets_write: secrets,
        } = allow;
        assert_eq!(row(Source::Literal), [true; 3]);
        assert_eq!(
            row(Source::ConfigMap),
            [asked, asked && maps, asked && maps]
        );
        assert_eq!(
            row(Source::Secret),
            [asked, asked && secrets, asked && secrets]
        );
        assert_eq!(row(Source::Unnamed), [asked, false, false]);
        for never in [
            Source::FieldRef,
            Source::ResourceFieldRef,
            Source::FileKeyRef,
            Source::Other,
        ] {
            assert_eq!(row(never), [false; 3], "{never:?}");
            assert!(never.is_text());
        }
    }
}

/// Whatever is put together may do no more than each of its parts.
#[test]
fn lower_source_may_do_what_both_may() {
    for (one, other) in Source::ALL
        .into_iter()
        .flat_map(|one| Source::ALL.map(|other| (one, other)))
    {
        let lower = one.lower(other);
        for allow in all_permissions() {
            for wanted in USES {
                let both = may(one, wanted, allow) && may(other, wanted, allow);
                assert!(
                    both || !may(lower, wanted, allow),
                    "{one:?} {other:?} {wanted:?}"
                );
            }
        }
        assert_eq!(lower.is_text(), one.is_text() || other.is_text());
        assert_eq!(one.lower(one), one);
    }
}

#[test]
fn table_has_a_row_for_each_source() {
    let table = table();
    assert_eq!(table.lines().count(), 2 + Source::ALL.len());
    for row in [
        "| `value` in the manifest | yes | yes | yes |",
        "| `valueFrom.secretKeyRef` | asked | asked, and `allow-write-from: secret` | asked, and `allow-write-from: secret` |",
        "| `envFrom`, the image's `ENV`, a Service's variables | asked | never | never |",
        "| `valueFrom.fieldRef` | never | never | never |",
    ] {
        assert!(table.lines().any(|line| line == row), "{table}");
    }
}

#[test]
fn small_container_has_small_sources() {
    let sources = Sources {
        named: [(Source::Literal, vec!["A".into()])].into(),
        ..Sources::default()
    };
    let json = serde_json::to_string(&sources).unwrap();
    assert_eq!(json, r#"{"named":{"literal":["A"]}}"#);
    assert_eq!(serde_json::from_str::<Sources>(&json).unwrap(), sources);
    assert_eq!(serde_json::to_string(&Sources::default()).unwrap(), "{}");
}
