job "constraints" {
  constraint {
    attribute = "${attr.kernel.name}"
    value     = "linux"
  }

  constraint {
    attribute = attr.cpu.numcores
    operator  = ">="
    value     = 4
  }

  group "main" {
    constraint {
      attribute = "${attr.nomad.version}"
      version   = ">= 1.8, < 3.0"
    }

    constraint {
      attribute = "${attr.docker.version}"
      semver    = "> 20.0.0"
    }

    constraint {
      attribute = "${node.unique.name}"
      regexp    = "^web-[0-9]+$"
    }

    constraint {
      attribute    = "${meta.features}"
      set_contains = "ssd,gpu"
    }

    constraint {
      attribute = "${meta.features}"
      operator  = "set_contains_any"
      value     = "a,b"
    }

    constraint {
      attribute = "${meta.retired}"
      operator  = "is_not_set"
    }

    constraint {
      attribute = "${meta.rack}"
      operator  = "is_set"
    }

    constraint {
      attribute = "${node.class}"
      operator  = "!="
      value     = "old"
    }

    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}
