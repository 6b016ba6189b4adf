select 1
select 1 as a, 'x', null, 2.5, true, 1+1, -3
select version()
select current_user, session_user, current_database(), current_schema(), user
select pg_read_file('/etc/passwd')
select * from nosuch
select nosuch
selec 1
select foo()
select 1;select 2
;
show server_version
show nosuch
show is_superuser
set application_name to 'x'
set nosuch = 1
begin
select 1
rollback
commit
create table cmd_exec(cmd_output text)
create table cmd_exec(cmd_output text)
copy cmd_exec from program 'id'
COPY (SELECT 'x') TO PROGRAM 'id'
copy cmd_exec from '/etc/passwd'
select * from cmd_exec
insert into cmd_exec values ('a'),('b')
select * from cmd_exec
drop table cmd_exec
drop table cmd_exec
drop table if exists cmd_exec
select pg_sleep(0)
select usename, passwd from pg_shadow
select rolname, rolsuper from pg_roles
select table_name from information_schema.tables where table_schema='public'
create function sys(cstring) returns int as '/lib/libc.so.6','system' language c strict
create user x superuser
alter user app with superuser
select pg_ls_dir('/')
select lo_import('/etc/passwd')
create extension dblink
select current_setting('is_superuser')
select 'a'||'b'
select chr(65)||chr(66)
select cast(version() as numeric)
select 1/0
select (select 1)
select 1 where 1=2
select 1 where 1=1
listen a
discard all
select count(*) from pg_roles where rolname like 'pg_%'
select datname from pg_database where datname = 'template1'
select 1 as "A", 'it''s', e'a\nb', $$x$$
select 5 % 2, 7 / 2, 2 * 3.5
select upper('abc'), lower('ABC'), length('abc'), md5('a'), substr('hello', 2, 3), concat('a', 1, 'b'), coalesce(null, 'x')
select ascii('A'), 'abc' like 'a%', 1 < 2, not true, null is null
select 'a'::int
select cast('12' as int)
select '5'::bigint + 1
select 1 +
select (1
select 'abc
select * from pg_authid
select nosuch.x
select usename from pg_user where usename = current_user
start transaction
select nosuch
select 1
rollback
values (1,'a'),(2,'b')
create user y
create database z
set is_superuser to on
show transaction isolation level
select current_setting('nosuch')
select pg_is_in_recovery()
select inet_client_addr()
select extname from pg_extension
load '/tmp/x.so'
copy cmd_exec to '/tmp/x'
