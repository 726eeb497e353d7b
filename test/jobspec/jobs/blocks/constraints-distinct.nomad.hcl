job "constraints-distinct" {
  constraint {
    distinct_hosts = true
  }

  constraint {
    operator  = "distinct_property"
    attribute = "${meta.rack}"
    value     = "2"
  }

  group "main" {
    constraint {
      distinct_property = "${node.datacenter}"
    }

    constraint {
      operator = "distinct_hosts"
      value    = "false"
    }

    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}
