#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Chat templates against Jinja, set up as `transformers` does it.

  chat_template.py [-v] [NAME...]

Templates in the manner of those of well known models, each over several conversations, and expressions one by one. Where
Jinja raises an error, so must optc; what optc refuses although Jinja does not is a miss."""
import argparse
import datetime
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness.builds import BUILD
from jinja2.exceptions import TemplateError
from jinja2.ext import loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

TEMPLATES = {
    "chatml": "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
              "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
    "llama2": """{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}{% else %}
{% set loop_messages = messages %}{% set system_message = false %}{% endif %}{% for message in loop_messages %}
{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}
{% if loop.index0 == 0 and system_message != false %}{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}{% else %}
{% set content = message['content'] %}{% endif %}{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}
{% elif message['role'] == 'assistant' %}{{ ' '  + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}""",
    "llama3": """{{- bos_token }}
{%- if custom_tools is defined %}
    {%- set tools = custom_tools %}
{%- endif %}
{%- if not date_string is defined %}
    {%- if strftime_now is defined %}
        {%- set date_string = strftime_now("%d %b %Y") %}
    {%- else %}
        {%- set date_string = "26 Jul 2024" %}
    {%- endif %}
{%- endif %}
{%- if not tools is defined %}
    {%- set tools = none %}
{%- endif %}

{#- This block extracts the system message, so we can slot it into the right place. #}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{%- if tools is not none %}
    {{- "Environment: ipython\\n" }}
{%- endif %}
{{- "Today Date: " + date_string + "\\n\\n" }}
{%- if tools is not none and tools_in_user_message is not defined %}
    {{- "You have access to the following functions.\\n\\n" }}
    {%- for t in tools %}
        {{- t | tojson(indent=4) }}
        {{- "\\n\\n" }}
    {%- endfor %}
{%- endif %}
{{- system_message }}
{{- "<|eot_id|>" }}
{%- for message in messages %}
    {%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}
        {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}
    {%- elif 'tool_calls' in message %}
        {%- if not message.tool_calls|length == 1 %}
            {{- raise_exception("This model only supports single tool-calls at once!") }}
        {%- endif %}
        {%- set tool_call = message.tool_calls[0].function %}
        {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' -}}
        {{- '{"name": "' + tool_call.name + '", ' }}
        {{- '"parameters": ' }}
        {{- tool_call.arguments | tojson }}
        {{- "}" }}
        {{- "<|eot_id|>" }}
    {%- elif message.role == "tool" or message.role == "ipython" %}
        {{- "<|start_header_id|>ipython<|end_header_id|>\\n\\n" }}
        {%- if message.content is mapping or message.content is iterable %}
            {{- message.content | tojson }}
        {%- else %}
            {{- message.content }}
        {%- endif %}
        {{- "<|eot_id|>" }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
""",
    "mistral": """{%- if messages[0]["role"] == "system" %}
    {%- set system_message = messages[0]["content"] %}
    {%- set loop_messages = messages[1:] %}
{%- else %}
    {%- set loop_messages = messages %}
{%- endif %}
{%- if not tools is defined %}
    {%- set tools = none %}
{%- endif %}
{%- set user_messages = loop_messages | selectattr("role", "equalto", "user") | list %}

{%- set ns = namespace() %}
{%- set ns.index = 0 %}
{%- for message in loop_messages %}
    {%- if not (message.role == "tool" or (message.tool_calls is defined and message.tool_calls is not none)) %}
        {%- if (message["role"] == "user") != (ns.index % 2 == 0) %}
            {{- raise_exception("After the optional system message, conversation roles must alternate user/assistant/user/assistant/...") }}
        {%- endif %}
        {%- set ns.index = ns.index + 1 %}
    {%- endif %}
{%- endfor %}
{{- bos_token }}
{%- for message in loop_messages %}
    {%- if message["role"] == "user" %}
        {%- if tools is not none and (message == user_messages[-1]) %}
            {{- "[AVAILABLE_TOOLS] [" }}
            {%- for tool in tools %}
                {%- set tool = tool.function %}
                {{- '{"type": "function", "function": {' }}
                {%- for key, val in tool.items() if key != "return" %}
                    {%- if val is string %}
                        {{- '"' + key + '": "' + val + '"' }}
                    {%- else %}
                        {{- '"' + key + '": ' + val|tojson }}
                    {%- endif %}
                    {%- if not loop.last %}
                        {{- ", " }}
                    {%- endif %}
                {%- endfor %}
                {{- "}}" }}
                {%- if not loop.last %}
                    {{- ", " }}
                {%- else %}
                    {{- "]" }}
                {%- endif %}
            {%- endfor %}
            {{- "[/AVAILABLE_TOOLS]" }}
        {%- endif %}
        {%- if loop.last and system_message is defined %}
            {{- "[INST] " + system_message + "\\n\\n" + message["content"] + "[/INST]" }}
        {%- else %}
            {{- "[INST] " + message["content"] + "[/INST]" }}
        {%- endif %}
    {%- elif message.tool_calls is defined and message.tool_calls is not none %}
        {{- "[TOOL_CALLS] [" }}
        {%- for tool_call in message.tool_calls %}
            {%- set out = tool_call.function|tojson %}
            {{- out[:-1] }}
            {%- if not tool_call.id is defined or tool_call.id|length != 9 %}
                {{- raise_exception("Tool call IDs should be alphanumeric strings with length 9!") }}
            {%- endif %}
            {{- ', "id": "' + tool_call.id + '"}' }}
            {%- if not loop.last %}{{- ", " }}{%- else %}{{- "]" + eos_token }}{%- endif %}
        {%- endfor %}
    {%- elif message["role"] == "assistant" %}
        {{- " " + message["content"]|trim + eos_token }}
    {%- elif message["role"] == "tool_results" or message["role"] == "tool" %}
        {%- if message.content is defined and message.content.content is defined %}
            {%- set content = message.content.content %}
        {%- else %}
            {%- set content = message.content %}
        {%- endif %}
        {{- '[TOOL_RESULTS] {"content": ' + content|string + ", " }}
    {%- else %}
        {{- raise_exception("Only user and assistant roles are supported, with the exception of an initial optional system message!") }}
    {%- endif %}
{%- endfor %}
""",
    "gemma": "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% for message in messages %}"
             "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
             "{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}"
             "{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model\n'}}{% endif %}",
    "phi3": "{% for message in messages %}{% if message['role'] == 'system' and message['content'] %}{{'<|system|>\n' + message['content'] + '<|end|>\n'}}"
            "{% elif message['role'] == 'user' %}{{'<|user|>\n' + message['content'] + '<|end|>\n'}}{% elif message['role'] == 'assistant' %}"
            "{{'<|assistant|>\n' + message['content'] + '<|end|>\n'}}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% else %}{{ eos_token }}{% endif %}",
    "qwen2.5": """{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0]['role'] == 'system' %}
        {{- messages[0]['content'] }}
    {%- else %}
        {{- 'You are Qwen, created by Alibaba Cloud. You are a helpful assistant.' }}
    {%- endif %}
    {{- "\\n\\n# Tools\\n\\n<tools>" }}
    {%- for tool in tools %}
        {{- "\\n" }}
        {{- tool | tojson }}
    {%- endfor %}
    {{- "\\n</tools>\\n\\n<tool_call>\\n{\\"name\\": <function-name>, \\"arguments\\": <args-json-object>}\\n</tool_call><|im_end|>\\n" }}
{%- else %}
    {%- if messages[0]['role'] == 'system' %}
        {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
    {%- else %}
        {{- '<|im_start|>system\\nYou are Qwen.<|im_end|>\\n' }}
    {%- endif %}
{%- endif %}
{%- for message in messages %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) or (message.role == "assistant" and not message.tool_calls) %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {{- '<|im_start|>' + message.role }}
        {%- if message.content %}
            {{- '\\n' + message.content }}
        {%- endif %}
        {%- for tool_call in message.tool_calls %}
            {%- if tool_call.function is defined %}
                {%- set tool_call = tool_call.function %}
            {%- endif %}
            {{- '\\n<tool_call>\\n{"name": "' }}
            {{- tool_call.name }}
            {{- '", "arguments": ' }}
            {{- tool_call.arguments | tojson }}
            {{- '}\\n</tool_call>' }}
        {%- endfor %}
        {{- '<|im_end|>\\n' }}
    {%- elif message.role == "tool" %}
        {%- if (loop.index0 == 0) or (messages[loop.index0 - 1].role != "tool") %}
            {{- '<|im_start|>user' }}
        {%- endif %}
        {{- '\\n<tool_response>\\n' }}
        {{- message.content }}
        {{- '\\n</tool_response>' }}
        {%- if loop.last or (messages[loop.index0 + 1].role != "tool") %}
            {{- '<|im_end|>\\n' }}
        {%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
""",
    "qwen3": """{%- set ns = namespace(multi_step_tool=true, last_query_index=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.multi_step_tool and message.role == "user" and message.content is string and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}
        {%- set ns.multi_step_tool = false %}
        {%- set ns.last_query_index = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- set content = message.content if message.content is string else '' %}
    {%- set reasoning_content = '' %}
    {%- if '</think>' in content %}
        {%- set reasoning_content = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
        {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
    {%- endif %}
    {%- if loop.index0 > ns.last_query_index %}
        {{- '<' ~ message.role ~ '>\\n<think>\\n' + reasoning_content.strip('\\n') + '\\n</think>\\n\\n' + content.lstrip('\\n') }}
    {%- else %}
        {{- '<' ~ message.role ~ '>' + content }}
    {%- endif %}
{%- endfor %}
{%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\\n\\n</think>' }}{%- endif %}
""",
    "zephyr": """{% for message in messages %}
{% if message['role'] == 'user' %}
{{ '<|user|>\\n' + message['content'] + eos_token }}
{% elif message['role'] == 'system' %}
{{ '<|system|>\\n' + message['content'] + eos_token }}
{% elif message['role'] == 'assistant' %}
{{ '<|assistant|>\\n'  + message['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %}""",
    "macros": """{%- macro render(value, deep=1, end='') -%}
  {%- if value is mapping -%}
    {%- for key, item in value | items %}
      {{ '  ' * deep }}{{ key }}: {{ render(item, deep + 1) }}{{ ',' if not loop.last }}
    {%- endfor -%}
  {%- elif value is string -%}"{{ value }}"
  {%- elif value is iterable -%}[{% for item in value %}{{ render(item, end=', ' if not loop.last else '') }}{% endfor %}]
  {%- elif value is none -%}null{%- elif value is boolean -%}{{ value | string | lower }}{%- else -%}{{ value }}{%- endif -%}{{ end }}
{%- endmacro -%}
{% for m in messages %}
  {%- if m.role == 'system' %}{% continue %}{% endif %}
  {%- if loop.index > 3 %}{% break %}{% endif %}
  {% set text %}[{{ m.role | upper }}] {{ m.content | default('nothing', true) }}{% endset %}
  {{ loop.cycle('a', 'b') }} {{ text }} {{ loop.previtem.role if loop.previtem is defined else '-' }}
{% else %}
no messages
{% endfor %}
{{ render({'a': [1, 2.5, none, true], 'b': {'c': 'd'}, 'tools': tools}) }}
""",
}
USER, ASSISTANT = {"role": "user", "content": " Hello, \"wörld\"? <b>&\n"}, {"role": "assistant", "content": "Hi there!\n\n"}
SYSTEM = {"role": "system", "content": "You are helpful. 你好 \\ \t"}
TOOL = {"type": "function", "function": {"name": "weather", "description": "The \"weather\" é", "parameters": {
    "type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer", "default": 3, "x": [1.5, None, True, []]}}, "required": ["city"]}}}
CALL = {"role": "assistant", "content": "", "tool_calls": [{"id": "abcdefghi", "type": "function", "function": {"name": "weather", "arguments": {"city": "Köln", "n": 1e-7}}}]}
RESULT = {"role": "tool", "content": "22 °C"}
THINK = {"role": "assistant", "content": "<think>\nlet me see\n</think>\n\nIt is fine."}
CONVERSATIONS = [[USER], [USER, ASSISTANT], [USER, ASSISTANT, USER], [SYSTEM, USER], [SYSTEM, USER, ASSISTANT, USER], [ASSISTANT], [SYSTEM],
                 [USER, CALL, RESULT], [SYSTEM, USER, CALL, RESULT, RESULT, THINK, USER], [USER, THINK], [USER, USER], [{"role": "odd", "content": "x"}],
                 [{"role": "user", "content": None}], [{"role": "user"}], []]
VARIABLES = [{}, {"add_generation_prompt": True, "tools": [TOOL, TOOL]}, {"add_generation_prompt": True, "tools": None, "enable_thinking": False}]
EXPRESSIONS = r"""
1 + 2 * 3 - 4 // 3 % 2 | 7 / 2 | -7 // 2 | -7 % 3 | 2 ** 10 | 2 ** -1 | 1.5 + 1 | 1e3 | 10 / 5 | 0.1 + 0.2 | 1/3 | 123456789.0 * 1000000000 | 1.0 / 100000
'a' ~ 1 ~ none ~ true ~ 2.0 | 'a' + 'b' * 3 | [1, 'a', none, true, 2.5, (1,), {'k': "it's"}] | (1, 2) + (3,) | [1] + [2] | {'a': 1, 'b': [2]} | "q'" | ["a\nb", 'c"d', '\\']
1 < 2 < 3 | 1 == 1.0 | true == 1 | 'a' < 'b' | none == false | [1, 2] == [1, 2] | 'a' in 'abc' | 'x' not in ['x'] | 'k' in {'k': 1} | not 1 == 2 | not true or true and false
x is defined | x is not defined | x.y is defined | x | none is none | 1 is number | 'a' is string | {} is mapping | [] is iterable | 'a' is iterable | true is boolean | 1 is integer
1.0 is float | 3 is odd | 4 is even | 4 is divisibleby 2 | 4 is divisibleby(3) | true is true | 1 is true | false is false | 1 is in [1, 2] | 'a' is eq 'a' | 2 is gt(1) | range is callable
[1, 2, 3][0] | [1, 2, 3][-1] | [1, 2, 3][5] | 'hello'[1] | 'hello'[1:3] | 'hello'[::-1] | 'hello'[-3:] | 'hello'[:-1] | [1, 2, 3, 4][1::2] | 'né日'[1:] | 'abc'[5:] | [1, 2, 3][2:0:-1]
' a b '.strip() | 'xxaxx'.strip('x') | ' a '.lstrip() ~ '|' | ' a '.rstrip() ~ '|' | 'a,b,c'.split(',') | ' a  b c '.split() | 'a,b,c'.split(',', 1) | 'a,b,c'.rsplit(',', 1) | 'a b c'.split(none, 1)
'aXbX'.replace('X', 'y') | 'aXbX'.replace('X', 'y', 1) | 'abc'.startswith('ab') | 'abc'.endswith(('x', 'c')) | 'abc'.find('c') | 'abc'.find('x') | 'aAbB'.upper() | 'aAbB'.lower() | "they're bill's".title()
'hELLO wORLD'.capitalize() | 'a-b'.join(['x', 'y']) | 'abab'.count('ab') | 'a\nb\n'.splitlines() | 'abc'.removeprefix('a') | 'abc'.removesuffix('c') | '12'.isdigit() | '   '.isspace()
{'a': 1}.items() | list | {'a': 1, 'b': 2}.keys() | list | {'a': 1}.values() | list | {'a': 1}.get('a') | {'a': 1}.get('b') | {'a': 1}.get('b', 5) | {'a': 1}['a'] | {'a': 1}.a | {'items': 1}['items'] | {'a': 1}.b
'  a ' | trim | 'xax' | trim('x') | [1, 2] | length | 'né' | length | {'a': 1} | length | x | default('d') | '' | default('d') | '' | default('d', true) | none | default('d') | 'aB' | upper | 'aB' | lower
[1, 2] | first | [1, 2] | last | 'ab' | first | [] | first | [1, 2] | join | [1, 2] | join(', ') | 'abc' | join('-') | [{'a': 1}, {'a': 2}] | join('+', attribute='a') | {'b': 1, 'a': 2} | items | list
'abc' | list | 3 | string | '42' | int | 'x' | int | 'x' | int(7) | 3.9 | int | '1.5' | float | -3 | abs | 'aba' | replace('a', 'c') | [1, 2] | reverse | list | 'ab' | reverse | [1, 1, 2] | unique | list
'a\nb\n\nc' | indent | 'a\nb' | indent(2, true) | {'b': 1, 'a': 2} | dictsort | [1, 0, 2] | select | list | [1, 2, 3] | select('odd') | list | [1, 2, 3] | reject('odd') | list | 'a b' | title | 'aB c' | capitalize
[{'a': 1}, {'a': 2}] | map(attribute='a') | list | ['a', 'b'] | map('upper') | list | [{'r': 'u', 'n': 1}, {'r': 'v'}] | selectattr('r', 'equalto', 'u') | list | [{'r': 1}, {}] | selectattr('r', 'defined') | list | [{'r': 0}, {'r': 1}] | rejectattr('r') | list
{'a': "é\"\\\n\t\u0001", 'b': [1, 2.0, none, true, {}], 'c': []} | tojson | {'a': [1, {'b': 2}], 'c': {}, 'd': []} | tojson(indent=2) | {'b': 1, 'a': 2} | tojson(sort_keys=true) | 'a' | tojson | none | tojson | x | tojson
'a' if true else 'b' | 'a' if false | 'a' if x else 'b' if y else 'c' | range(3) | list | range(1, 7, 2) | list | range(5, 0, -2) | list | dict(a=1, b='c') | namespace(a=1).a | true and 'x' | 0 or 'y' | [1, 2] is sequence | (1) | () | (1, )
x.y | x['y'] | none.y | 1 + 'a' | x + 1 | 'a' < 1 | raise_exception('no') | f() | 1 // 0 | 'a'.b | 1 | trim | [3] | trim | 'a' 'b' | "\x41\u00e9\'" | 'a' ~ 'b' | upper | -1 | abs | 'a' is defined and x is undefined | not x is defined
"""
BLOCKS = ["a\n  {% if true %}\n  b\n  {% endif %}\nc\n", "a\n  {%- if true -%}\n  b\n  {%- endif -%}\nc\n\n", "{{ 1 }}\n{{ 2 }}\n\n", "  {# c #}\nx {# c #} y\n{#- c -#}\n z", "a {%+ if true %}\nb{% endif +%}\nc",
          "{% set x = 1 %}{% for i in [1, 2] %}{{ x }}{% set x = 2 %}{{ x }}{% endfor %}{{ x }}", "{% set a, b = 1, 2 %}{{ a }}{{ b }}", "{% for a, b in {'x': 1}.items() %}{{ a }}{{ b }}{% endfor %}",
          "{% for i in [1, 2, 3] if i != 2 %}{{ loop.index }}{{ loop.revindex }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ i }};{% endfor %}", "{% for i in [] %}x{% else %}y{% endfor %}", "{% for i in u %}x{% endfor %}",
          "{% set ns = namespace(n=0) %}{% for i in range(4) %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}", "{{ '{{' }}{{ \"%}\" }}{{ {'a': {'b': 1}}}}", "{% if 0 %}a{% elif '' %}b{% elif 1 %}c{% else %}d{% endif %}",
          "{% macro m(a, b='x') %}{{ a }}{{ b }}{{ outer }}{% endmacro %}{% set outer = 'o' %}{{ m(1) }}{{ m(b=2, a=3) }}{{ m() }}", "{% generation %}a{% endgeneration %}", "{% for i in [1,2] %}{% for j in [1,2] %}{{ loop.index }}{% endfor %}{{ loop.index }}{% endfor %}",
          "{% set x %}  a{{ 1 }}\n{% endset %}[{{ x }}]", "{% if true %}{% set y = 5 %}{% endif %}{{ y }}", "\r\na\r\n{% if 1 %}\r\nb{% endif %}\r\n", "{% if a %}", "{{ 1", "{% endif %}", "{{ }}", "{% for %}{% endfor %}", "{{ 'a }}", "{{ a b }}", "{% set 1 = 2 %}",
          "{%- for m in messages -%}\n\n  {{- m.role -}}\n{%- endfor %}", "x{{- ' y ' -}}  z", "   {{ 1 }}", "\t{% if 1 %}\t\n\tx\n\t{% endif %}\t\n", "{% set d = {'a': 1} %}{{ d.a }}{{ d.get('z') }}{{ d['zz'] }}",
          "{{ strftime_now('%Y-%m-%d %H:%M') }}", "{% for x in 'añ' %}{{ x }},{% endfor %}{{ x }}", "{% set x = 'o' %}{% for x in [1] %}{{ x }}{% endfor %}{{ x }}", "{{ loop }}", "{% break %}", "\n\n{{ 1 }}\n\n{% if 1 %}{% endif %}\n\n"]


# How Python writes an object that makes its items when they are asked for: nothing that a prompt has.
LAZY = re.compile(r" object .*at 0x|^dict_(items|keys|values)|^range\(")


def environment():
    made = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
    def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)
    def raise_exception(message):
        raise TemplateError(message)
    made.filters["tojson"] = tojson
    made.globals["raise_exception"] = raise_exception
    made.globals["strftime_now"] = lambda form: datetime.datetime.fromtimestamp(1721995200).strftime(form)
    return made


def expected(template, variables):
    source = template.replace("{% generation %}", "").replace("{% endgeneration %}", "")
    try:
        return environment().from_string(source).render(**variables)
    except Exception: # of Jinja, or of Python within it
        return None


def cases():
    shared = {"bos_token": "<s>", "eos_token": "</s>"}
    for name, template in TEMPLATES.items():
        for number, messages in enumerate(CONVERSATIONS):
            for variables in VARIABLES:
                yield f"{name} {number}", template, {**shared, **variables, "messages": messages}
    for line in EXPRESSIONS.strip().split("\n"):
        parts = line.split(" | ")
        # Filters stand behind their value: every run of parts is an expression, if Jinja takes it.
        for begin in range(len(parts)):
            for end in range(begin + 1, min(begin + 4, len(parts)) + 1):
                yield " | ".join(parts[begin:end]), "{{ " + " | ".join(parts[begin:end]) + " }}", {}
    for block in BLOCKS:
        yield repr(block), block, {"messages": CONVERSATIONS[2]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("-v", "--verbose", action="store_true")
    args = parser.parse_args()
    os.environ["TZ"] = "UTC"
    time.tzset()
    server = subprocess.Popen([BUILD / "bin" / "ChatServer"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    passed = failed = errors = 0
    for name, template, variables in cases():
        if args.names and not any(name.startswith(wanted) for wanted in args.names):
            continue
        server.stdin.write(json.dumps({"template": template, "variables": variables}).encode() + b"\n")
        server.stdin.flush()
        answer, wanted = json.loads(server.stdout.readline()), expected(template, variables)
        if wanted and LAZY.search(wanted):
            continue
        good = answer.get("text") == wanted
        passed, failed, errors = passed + good, failed + (not good), errors + (wanted is None)
        if not good or args.verbose:
            print(f"{'ok' if good else 'FAILED'} {name}: {str(answer)[:600]}" + ("" if good else f"\n    Jinja: {wanted!r}"[:600]))
    print(f"{errors} of them errors of both")
    print(f"chat-template: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
