# -var set=["b", "a", "b"]
variable "tuple" {
  type    = tuple([string, number, bool])
  default = [1, "2", "true"]
}

variable "nested" {
  type = map(list(object({ name = string, ports = list(number) })))

  default = {
    web = [{ name = "a", ports = ["80", 81] }]
    api = []
  }
}

variable "set" {
  type = set(string)
}

job "nested-types" {
  type = "batch"

  meta {
    tuple  = jsonencode(var.tuple)
    nested = jsonencode(var.nested)
    set    = jsonencode(var.set)
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
