locals {
  yes  = true
  name = "web"
}

job "runtime-interpolation" {
  type = "batch"

  meta {
    node         = "${node.datacenter}"
    attribute    = "${attr.kernel.name}"
    spaced       = "${ attr.cpu.arch }"
    inside       = "on ${node.unique.name} in ${node.class}"
    unquoted     = attr.unique.hostname
    port         = "${NOMAD_PORT_http}"
    environment  = "${env["HOME"]}"
    meta_value   = "${meta.rack}"
    in_condition = local.yes ? "${NOMAD_ALLOC_ID}" : ""
    in_function  = upper("${node.region}")
    device       = "${device.attr.memory}"
    mixed        = "${local.name}-${NOMAD_ALLOC_INDEX}"
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
