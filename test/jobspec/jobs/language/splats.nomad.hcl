locals {
  people = [
    { name = "ada", tags = ["x", "y"] },
    { name = "bob", tags = ["z"] },
  ]
  teams = [
    { members = [{ name = "ada" }, { name = "bob" }] },
    { members = [] },
  ]
}

job "splats" {
  type = "batch"

  meta {
    full           = jsonencode(local.people[*].name)
    attribute_only = jsonencode(local.people.*.name)
    nested         = jsonencode(local.teams[*].members[*].name)
    of_one         = jsonencode(local.people[0][*].name)
    of_null        = jsonencode(null[*])
    index_after    = jsonencode(local.people[*].tags[0])
    index_of_legacy = jsonencode(local.people.*.tags[0])
  }

  group "main" {
    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}
