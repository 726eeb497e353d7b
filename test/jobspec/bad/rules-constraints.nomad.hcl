job "rules-constraints" {
  group "main" {
    constraint {
      attribute = "${attr.x}"
    }
    constraint {
      value = "y"
    }
    constraint {
      attribute = "${attr.x}"
      regexp = "("
    }
    constraint {
      attribute = "${attr.x}"
      version = "new"
    }
    constraint {
      attribute = "${attr.x}"
      operator = "is_set"
      value = "y"
    }
    constraint {
      attribute = "${attr.x}"
      operator = "like"
      value = "y"
    }
    constraint {
      is_set = "${attr.x}"
    }
    constraint {
      attribute = "${nodes.x}"
      value = "y"
    }
    affinity {
      attribute = "${attr.x}"
      value = "y"
      weight = 0
    }
    spread {
      attribute = "${attr.x}"
      weight = 101
      target "a" {
        percent = 60
      }
      target "b" {
        percent = 60
      }
    }
    task "run" {
      driver = "raw_exec"
    }
  }
}
